/** The rendered changes of the live stream that are kept in memory. It must not depend on clients or the database. */
import { changeEntry } from './change-entry.ts';
import { summarize } from './diff.ts';
import type { Change } from './history.ts';

/** A rendered change. */
export interface Frame {
  readonly id: number;
  readonly bytes: Uint8Array;
}

const mostFrames = 5_000;
const mostBytes = 8 * 1024 * 1024;
const chunkBytes = 256 * 1024;

/** The latest changes in rendered form, without gaps. Its size is bounded. */
export class LiveMemory {
  /** The changes, oldest first. */
  #frames: Frame[] = [];
  #bytes = 0;
  /** All changes with a larger id are in memory. */
  #floor: number;
  #newestId: number;

  /** @param newestId - the id of the newest existing change; existing changes are not in memory */
  constructor(newestId: number) {
    this.#floor = newestId;
    this.#newestId = newestId;
  }

  get newestId(): number {
    return this.#newestId;
  }

  add(frame: Frame): void {
    this.#frames.push(frame);
    this.#bytes += frame.bytes.length;
    this.#newestId = frame.id;
    while (this.#frames.length > mostFrames || (this.#bytes > mostBytes && this.#frames.length > 1)) {
      const oldest = this.#frames.shift()!;
      this.#bytes -= oldest.bytes.length;
      this.#floor = oldest.id;
    }
  }

  /** Whether every change after this one is in memory. */
  covers(id: number): boolean {
    return id >= this.#floor;
  }

  /** Returns the changes after an id, oldest first, up to the size of a chunk but at least one. */
  after(id: number): readonly Frame[] {
    if (id >= this.#newestId) return [];
    const first = this.#frames.findIndex((frame) => frame.id > id);
    let end = first;
    for (let bytes = 0; end < this.#frames.length && (end === first || bytes < chunkBytes); end += 1) {
      bytes += this.#frames[end]!.bytes.length;
    }
    return this.#frames.slice(first, end);
  }
}

/** Renders a change as a server-sent event. */
export async function renderChange(change: Change): Promise<Frame> {
  const { id, page, diff } = change;
  const html = String(await changeEntry(change, Date.now()));
  const data = { id, page: page.name, title: page.title, summary: summarize(diff), html };
  return { id, bytes: Buffer.from(`event: change\ndata: ${JSON.stringify(data)}\nid: ${id}\n\n`) };
}
