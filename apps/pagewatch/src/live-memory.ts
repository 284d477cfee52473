/** The rendered changes of the live stream that are kept in memory. It must not depend on clients or the database. */
import { changeEntry } from './change-entry.ts';
import { summarize } from './diff.ts';
import type { Change } from './history.ts';

/** An event of the live stream. */
export interface LiveEvent {
  readonly name: 'change' | 'page';
  /** JSON. */
  readonly data: string;
  /** The id of a change. */
  readonly id?: number;
}

/** A rendered change. */
export interface ChangeEvent extends LiveEvent {
  readonly id: number;
}

const mostEvents = 5_000;
/** The number of characters. */
const mostText = 8 * 1024 * 1024;

/** The latest changes in rendered form, without gaps. Its size is bounded. */
export class LiveMemory {
  /** The changes, oldest first. */
  #events: ChangeEvent[] = [];
  #text = 0;
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

  add(event: ChangeEvent): void {
    this.#events.push(event);
    this.#text += event.data.length;
    this.#newestId = event.id;
    while (this.#events.length > mostEvents || (this.#text > mostText && this.#events.length > 1)) {
      const oldest = this.#events.shift()!;
      this.#text -= oldest.data.length;
      this.#floor = oldest.id;
    }
  }

  /** Whether every change after this one is in memory. */
  covers(id: number): boolean {
    return id >= this.#floor;
  }

  /** Returns the changes after an id, oldest first. */
  after(id: number): readonly ChangeEvent[] {
    return this.#events.filter((event) => event.id > id);
  }
}

/** Renders a change for the live stream. */
export async function renderChange(change: Change): Promise<ChangeEvent> {
  const { id, page, diff } = change;
  const html = String(await changeEntry(change, Date.now()));
  const data = JSON.stringify({ id, page: page.name, title: page.title, summary: summarize(diff), html });
  return { name: 'change', id, data };
}
