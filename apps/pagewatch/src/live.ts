/**
 * The live stream of the site, as server-sent events. Each change is read from the history and rendered once; all
 * clients receive the same bytes.
 *
 * Signals only report that new changes exist. The changes themselves are read from the history in the order of their ids,
 * so no change is lost between two connections, or between a page and its stream. A client is a position in this order. A
 * slow client falls behind, holds at most one chunk, and continues from memory or from the database.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Logger } from '@asphalt/core';
import { merge } from 'rxjs';
import { Bell } from './bell.ts';
import type { Detector, PageState } from './detector.ts';
import type { History } from './history.ts';
import { CatchUp } from './live-catch-up.ts';
import { LiveMemory, renderChange } from './live-memory.ts';
import { pageCard } from './page-card.ts';

export interface LiveSettings {
  readonly history: History;
  readonly detectors: readonly Detector[];
  readonly logger: Logger;
}

/** The last rendered card of a page. */
interface Card {
  /** Increases with every rendered card. */
  readonly version: number;
  readonly status: PageState['status'];
  readonly renderedAt: number;
  readonly bytes: Uint8Array;
}

/** The last change and card that a client has received. */
interface Position {
  change: number;
  card: number;
}

/** The next events for a client, and its position after them. */
interface Chunk extends Readonly<Position> {
  readonly bytes: Uint8Array;
}

type Wake = (news: boolean) => void;

const keepAliveMs = 15_000;
const reconnectMs = 1_000;
/** The least time between two cards of a page, unless its status changes. */
const cardMs = 1_000;
/** The time that each client adds to the time between two cards. */
const cardMsPerClient = 5;
/**
 * The least pause between rounds. In a round, each client receives one chunk. The pause is at least as long as the round,
 * so that half of the time remains for other work with any number of clients.
 */
const leastPauseMs = 50;
const longestPauseMs = 1_000;
const retryMs = 1_000;
/** The number of clients that are served before the event loop can run other work. */
const slice = 20;
const readBatch = 100;

const keepAlive = Buffer.from(': still here\n\n');
const greeting = Buffer.from(`retry: ${reconnectMs}\n\n`);

export class LiveFeed {
  readonly #settings: LiveSettings;
  readonly #detectors: ReadonlyMap<string, Detector>;
  readonly #bell = new Bell();
  readonly #memory: LiveMemory;
  readonly #cards = new Map<string, Card>();
  readonly #stale: Set<string>;
  #cardVersion = 0;
  /** Whether the history may have changes that are not in memory. Initially true, for changes since `open()`. */
  #isUnread = true;
  #waiting = new Set<Wake>();
  /** Chunks for clients at the same position, valid until the next change or card. */
  readonly #chunks = new Map<string, Chunk>();
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

  /** Serves the clients until `abort` fires. */
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
      let isNews = true;
      let waitMs = 0;
      while (!abort.aborted) {
        const startedAt = performance.now();
        try {
          waitMs = await this.#round(isNews);
        } catch (error) {
          logger.warn('The live stream could not read the history and retries', { error });
          this.#bell.ring();
          waitMs = retryMs;
        }
        const pauseMs = Math.min(longestPauseMs, Math.max(leastPauseMs, performance.now() - startedAt));
        await new Bell().rung(pauseMs, abort);
        const rung = await this.#bell.rung(waitMs, abort);
        isNews = rung || this.#stale.size > 0;
      }
    } finally {
      subscription.unsubscribe();
    }
  }

  /** Returns a stream of all changes after `cursor`, and of the card of every page, first now and then on changes. */
  stream(cursor: number): ReadableStream<Uint8Array> {
    let position: Position | undefined;
    let wake: Wake | undefined;
    let hasLeft = false;
    const next = async (): Promise<Uint8Array> => {
      for (;;) {
        if (position === undefined || this.#isBehind(position)) this.#bell.ring();
        const isNews = await new Promise<boolean>((resolve) => {
          wake = resolve;
          this.#waiting.add(resolve);
        });
        if (position === undefined) {
          position = { change: Math.min(cursor, this.#memory.newestId), card: 0 };
          return this.#greet(position);
        }
        if (!isNews) return keepAlive;
        const chunk = this.#memory.covers(position.change) ? this.#chunk(position) : await this.#missed(position);
        if (chunk !== undefined) return chunk;
      }
    };
    // Nothing is rendered, and no client is counted, before the first read.
    return new ReadableStream(
      {
        pull: async (controller) => {
          const chunk = await next();
          if (!hasLeft) controller.enqueue(chunk);
        },
        cancel: () => {
          hasLeft = true;
          if (wake && this.#waiting.delete(wake)) wake(false);
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Reads and renders new changes and cards, and wakes the clients. @returns the time until the next round */
  async #round(isNews: boolean): Promise<number> {
    const waiting = [...this.#waiting];
    this.#waiting = new Set();
    const cardEveryMs = cardMs + cardMsPerClient * waiting.length;
    if (isNews) {
      if (this.#isUnread) await this.#read();
      const now = Date.now();
      await this.#renderCards(
        ({ state }, card) => card === undefined || state.status !== card.status || now - card.renderedAt >= cardEveryMs,
      );
    }
    for (let start = 0; start < waiting.length; start += slice) {
      for (const wake of waiting.slice(start, start + slice)) wake(isNews);
      await turn();
    }
    return this.#stale.size > 0 ? cardEveryMs : keepAliveMs;
  }

  /** Reads and renders the next changes. */
  async #read(): Promise<void> {
    this.#isUnread = false;
    try {
      const changes = await this.#settings.history.changesAfter(this.#memory.newestId, readBatch);
      for (const change of changes) {
        this.#memory.add(await renderChange(change));
        this.#chunks.clear();
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
      const bytes = Buffer.from(`event: page\ndata: ${JSON.stringify({ name, html })}\n\n`);
      this.#cardVersion += 1;
      this.#cards.set(name, { version: this.#cardVersion, status: state.status, renderedAt: now, bytes });
      this.#chunks.clear();
    }
  }

  /** Returns the first bytes for a client: the cards of all pages. */
  async #greet(position: Position): Promise<Uint8Array> {
    const before = this.#cardVersion;
    await this.#renderCards(({ state }, card) => state.status !== card?.status);
    // The other clients need these cards as well.
    if (this.#cardVersion !== before) this.#bell.ring();
    const chunk = this.#shared('greeting', () => {
      const cards = this.#join({ change: this.#memory.newestId, card: 0 });
      return { ...cards, bytes: Buffer.concat([greeting, cards.bytes]) };
    });
    position.card = chunk.card;
    return chunk.bytes;
  }

  /** Returns the next changes for a client whose position is no longer in memory. */
  async #missed(position: Position): Promise<Uint8Array | undefined> {
    const missed = await this.#catchUp.after(position.change);
    position.change = missed?.id ?? this.#memory.newestId;
    return missed?.bytes;
  }

  #isBehind({ change, card }: Position): boolean {
    return change < this.#memory.newestId || card < this.#cardVersion;
  }

  /** Returns the next events, if any, for a client whose position is in memory, and advances the position. */
  #chunk(position: Position): Uint8Array | undefined {
    if (!this.#isBehind(position)) return undefined;
    const chunk = this.#shared(`${position.change} ${position.card}`, () => this.#join(position));
    position.change = chunk.change;
    position.card = chunk.card;
    return chunk.bytes;
  }

  /** Returns the chunk for a position, which all clients at this position share. */
  #shared(key: string, join: () => Chunk): Chunk {
    const chunk = this.#chunks.get(key) ?? join();
    this.#chunks.set(key, chunk);
    return chunk;
  }

  #join(position: Readonly<Position>): Chunk {
    const frames = this.#memory.after(position.change);
    const cards = [...this.#cards.values()].filter(({ version }) => version > position.card);
    const bytes = Buffer.concat([...frames, ...cards].map((part) => part.bytes));
    return { bytes, change: frames.at(-1)?.id ?? position.change, card: this.#cardVersion };
  }
}
