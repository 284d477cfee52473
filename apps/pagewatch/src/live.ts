/**
 * The live events of the site. Each change is read from the history and rendered once; all clients receive the same event.
 *
 * Signals only report that new changes exist. The changes themselves are read from the history in the order of their ids,
 * so no change is lost between two connections, or between a page and its stream: `since` returns the missed ones, from
 * memory or from the database. A client that is too slow is disconnected and continues there.
 */
import { Signal, type Logger } from '@asphalt/core';
import { filter, merge, type Observable } from 'rxjs';
import { Bell } from './bell.ts';
import type { Detector, PageState } from './detector.ts';
import type { History } from './history.ts';
import { CatchUp } from './live-catch-up.ts';
import { LiveMemory, renderChange, type LiveEvent } from './live-memory.ts';
import { pageCard } from './page-card.ts';

export interface LiveSettings {
  readonly history: History;
  readonly detectors: readonly Detector[];
  readonly logger: Logger;
}

/** The last rendered card of a page. */
interface Card {
  readonly status: PageState['status'];
  readonly renderedAt: number;
  readonly event: LiveEvent;
}

/** The least time between two cards of a page, unless its status changes. */
const cardMs = 1_000;
/** The least pause between rounds, in which all new events are dispatched. */
const pauseMs = 50;
const idleMs = 60_000;
const retryMs = 1_000;
const readBatch = 100;

export class LiveFeed {
  /** Changes in the order of their ids, and cards of pages. */
  readonly events = new Signal<LiveEvent>();
  readonly #settings: LiveSettings;
  readonly #detectors: ReadonlyMap<string, Detector>;
  readonly #bell = new Bell();
  readonly #memory: LiveMemory;
  readonly #cards = new Map<string, Card>();
  readonly #stale: Set<string>;
  /** Whether the history may have changes that are not in memory. Initially true, for changes since `open()`. */
  #isUnread = true;
  readonly #catchUp: CatchUp;

  private constructor(settings: LiveSettings, newestId: number) {
    this.#settings = settings;
    this.#memory = new LiveMemory(newestId);
    this.#catchUp = new CatchUp(settings.history);
    this.#detectors = new Map(settings.detectors.map((detector) => [detector.page.name, detector]));
    this.#stale = new Set(this.#detectors.keys());
  }

  static async open(settings: LiveSettings): Promise<LiveFeed> {
    return new LiveFeed(settings, await settings.history.newestId());
  }

  /** The id of the newest change that clients receive. */
  get newestId(): number {
    return this.#memory.newestId;
  }

  /** Dispatches the events until `abort` fires. */
  async run(abort: AbortSignal): Promise<void> {
    const { history, detectors, logger } = this.#settings;
    const news = merge(history.recorded, ...detectors.flatMap(({ checked, failed }) => [checked, failed]));
    const subscription = history.recorded.subscribe(() => (this.#isUnread = true));
    subscription.add(
      news.subscribe(({ page }) => {
        this.#stale.add(page.name);
        this.#bell.ring();
      }),
    );
    try {
      while (!abort.aborted) {
        const waitMs = await this.#round().catch((error: unknown) => {
          logger.warn('The live stream could not read the history and retries', { error });
          return retryMs;
        });
        await new Bell().rung(pauseMs, abort);
        await this.#bell.rung(waitMs, abort);
      }
    } finally {
      subscription.unsubscribe();
    }
  }

  /**
   * Returns the live events for a client that has seen the changes up to `cursor`. A page may contain changes that are not
   * dispatched yet.
   */
  async after(cursor: number): Promise<Observable<LiveEvent>> {
    // A higher cursor belongs to another history.
    const seen = cursor > this.newestId ? Math.min(cursor, await this.#settings.history.newestId()) : cursor;
    return this.events.pipe(filter(({ id }) => id === undefined || id > seen));
  }

  /** Returns the events that a client receives first: the cards of all pages, and the changes after `cursor`. */
  async *since(cursor: number): AsyncGenerator<LiveEvent> {
    const known = new Map(this.#cards);
    // The client receives these as live events.
    await this.#renderCards(({ state }, card) => state.status !== card?.status);
    for (const [name, { event }] of known) if (this.#cards.get(name)?.event === event) yield event;
    let last = Math.min(cursor, this.#memory.newestId);
    while (last < this.#memory.newestId) {
      const missed = this.#memory.covers(last) ? this.#memory.after(last) : await this.#catchUp.after(last);
      yield* missed;
      last = missed.at(-1)?.id ?? this.#memory.newestId;
    }
  }

  /** Dispatches new changes and cards. @returns the time until the next round */
  async #round(): Promise<number> {
    if (this.#isUnread) await this.#read();
    const now = Date.now();
    await this.#renderCards(
      ({ state }, card) => card === undefined || state.status !== card.status || now - card.renderedAt >= cardMs,
    );
    return this.#stale.size > 0 ? cardMs : idleMs;
  }

  /** Reads, renders and dispatches the next changes. */
  async #read(): Promise<void> {
    this.#isUnread = false;
    try {
      const changes = await this.#settings.history.changesAfter(this.#memory.newestId, readBatch);
      for (const change of changes) {
        const event = await renderChange(change);
        this.#memory.add(event);
        this.events.dispatch(event);
      }
      if (changes.length < readBatch) return;
    } catch (error) {
      this.#isUnread = true;
      throw error;
    }
    // The next round reads the rest.
    this.#isUnread = true;
    this.#bell.ring();
  }

  async #renderCards(isDue: (detector: Detector, card: Card | undefined) => boolean): Promise<void> {
    // Iterate over a copy: on a busy machine, pages could be added to the set faster than cards are rendered.
    const names = [...this.#stale];
    for (const name of names) {
      const detector = this.#detectors.get(name)!;
      if (!isDue(detector, this.#cards.get(name))) continue;
      this.#stale.delete(name);
      const { page, state } = detector;
      const now = Date.now();
      const html = String(await pageCard(page, state, await this.#settings.history.page(name), now));
      const event: LiveEvent = { name: 'page', data: JSON.stringify({ name, html }) };
      this.#cards.set(name, { status: state.status, renderedAt: now, event });
      this.events.dispatch(event);
    }
  }
}
