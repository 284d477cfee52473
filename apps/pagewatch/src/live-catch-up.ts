import { setTimeout as sleep } from 'node:timers/promises';
import type { History } from './history.ts';
import { renderChange, type ChangeEvent } from './live-memory.ts';

const batch = 20;
const pauseMs = 10;

/**
 * Reads changes for clients that are too far behind for the memory of the live stream. It reads one batch at a time, with
 * pauses, for any number of clients. Clients at the same position share a batch.
 */
export class CatchUp {
  /** Batches that are still being read, by their start position. */
  readonly #pending = new Map<number, Promise<readonly ChangeEvent[]>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly history: History) {}

  /** Returns the next changes. */
  after(id: number): Promise<readonly ChangeEvent[]> {
    const pending = this.#pending.get(id);
    if (pending !== undefined) return pending;
    const reading = this.#last.then(() => this.#read(id)).finally(() => this.#pending.delete(id));
    this.#pending.set(id, reading);
    this.#last = reading.catch(() => {}).then(() => sleep(pauseMs));
    return reading;
  }

  async #read(id: number): Promise<readonly ChangeEvent[]> {
    const events: ChangeEvent[] = [];
    for (const change of await this.history.changesAfter(id, batch)) events.push(await renderChange(change));
    return events;
  }
}
