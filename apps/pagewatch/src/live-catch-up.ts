import { setTimeout as sleep } from 'node:timers/promises';
import type { History } from './history.ts';
import { renderChange, type Frame } from './live-memory.ts';

const batch = 20;
const pauseMs = 10;

/**
 * Reads changes for clients that are too far behind for the memory of the live stream. It reads one batch at a time, with
 * pauses, for any number of clients. Clients at the same position share a batch.
 */
export class CatchUp {
  /** Batches that are still being read, by their start position. */
  readonly #pending = new Map<number, Promise<Frame | undefined>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly history: History) {}

  /** Returns the events of the next changes as one frame, with the id of the last one. */
  after(id: number): Promise<Frame | undefined> {
    const pending = this.#pending.get(id);
    if (pending !== undefined) return pending;
    const reading = this.#last.then(() => this.#read(id)).finally(() => this.#pending.delete(id));
    this.#pending.set(id, reading);
    this.#last = reading.catch(() => {}).then(() => sleep(pauseMs));
    return reading;
  }

  async #read(id: number): Promise<Frame | undefined> {
    const changes = await this.history.changesAfter(id, batch);
    const parts: Uint8Array[] = [];
    for (const change of changes) parts.push((await renderChange(change)).bytes);
    const last = changes.at(-1);
    return last && { id: last.id, bytes: Buffer.concat(parts) };
  }
}
