/**
 * The live events of the page: orders, and their counts. News only report that an order has changed. The feed reads it from the
 * table and renders it once, and all browsers receive the same event. A browser that connects first receives the latest orders,
 * so it misses nothing: neither during an outage of its connection, nor between its page and its stream.
 */
import { Signal, type Logger } from '@asphalt/core';
import { pause } from '@asphalt/integration';
import { Bell } from './bell.ts';
import { renderCounts } from './counts.ts';
import type { OrderNews } from './order-news.ts';
import { orderEntry } from './order-entry.ts';
import type { Order } from './order.ts';
import type { OrderCounts, Orders } from './orders.ts';

/** An event of the stream. */
export interface LiveEvent {
  readonly name: 'order' | 'counts';
  /** JSON. */
  readonly data: string;
}

/** The number of orders on the page. */
const shownOrders = 50;
const dayMs = 86_400_000;
/** The shortest time between two rounds. A round reads all orders that have changed. */
const pauseMs = 200;
const retryMs = 1_000;

export class LiveFeed {
  readonly events = new Signal<LiveEvent>();
  readonly #orders: Orders;
  readonly #news: OrderNews;
  readonly #logger: Logger;
  readonly #changed = new Set<string>();
  /** Whether any order may have changed. */
  #isBehind = false;
  readonly #bell = new Bell();
  /** The next snapshot, whose reading has not started. All browsers that connect until then receive it. */
  #next: Promise<readonly LiveEvent[]> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(orders: Orders, news: OrderNews, logger: Logger) {
    this.#orders = orders;
    this.#news = news;
    this.#logger = logger;
  }

  /** Returns the orders of the page, newest first, and the counts of the last day. */
  async latest(): Promise<{ readonly orders: readonly Order[]; readonly counts: OrderCounts }> {
    const [orders, counts] = await Promise.all([
      this.#orders.list({ limit: shownOrders }),
      this.#orders.countSince(Date.now() - dayMs),
    ]);
    return { orders, counts };
  }

  /** Returns the events that a browser receives first: all orders of the page, oldest first. */
  snapshot(): Promise<readonly LiveEvent[]> {
    if (this.#next === undefined) {
      this.#next = this.#last.then(() => {
        this.#next = undefined;
        return this.#readLatest();
      });
      this.#last = this.#next.catch(() => undefined);
    }
    return this.#next;
  }

  /** Dispatches events until `abort` fires. */
  async run(abort: AbortSignal): Promise<void> {
    const subscription = this.#news.changed.subscribe((id) => {
      this.#changed.add(id);
      this.#bell.ring();
    });
    subscription.add(
      this.#news.missed.subscribe(() => {
        this.#isBehind = true;
        this.#bell.ring();
      }),
    );
    try {
      while (!abort.aborted) {
        await this.#bell.rung(abort);
        const restMs = await this.#round();
        await pause(restMs, abort).catch(() => undefined);
      }
    } finally {
      subscription.unsubscribe();
    }
  }

  /** Dispatches the orders that have changed. @returns the least time until the next round */
  async #round(): Promise<number> {
    const ids = [...this.#changed];
    const isBehind = this.#isBehind;
    this.#changed.clear();
    this.#isBehind = false;
    // A browser that connects later receives the latest orders.
    if (!this.events.observed || (ids.length === 0 && !isBehind)) return 0;
    try {
      const events = isBehind ? await this.snapshot() : await this.#readChanged(ids);
      for (const event of events) this.events.dispatch(event);
      return pauseMs;
    } catch (error) {
      this.#logger.warn('The live page cannot read the orders and retries', { error });
      this.#isBehind = true;
      this.#bell.ring();
      return retryMs;
    }
  }

  async #readLatest(): Promise<readonly LiveEvent[]> {
    const { orders, counts } = await this.latest();
    return [...(await Promise.all(orders.toReversed().map(orderEvent))), countsEvent(counts)];
  }

  async #readChanged(ids: readonly string[]): Promise<readonly LiveEvent[]> {
    const [orders, counts] = await Promise.all([
      this.#orders.findAll(ids),
      this.#orders.countSince(Date.now() - dayMs),
    ]);
    return [...(await Promise.all(orders.map(orderEvent))), countsEvent(counts)];
  }
}

async function orderEvent(order: Order): Promise<LiveEvent> {
  const html = String(await orderEntry(order));
  return {
    name: 'order',
    data: JSON.stringify({ id: order.id, version: order.version, placedAt: order.placedAt, html }),
  };
}

function countsEvent(counts: OrderCounts): LiveEvent {
  return { name: 'counts', data: JSON.stringify(renderCounts(counts)) };
}
