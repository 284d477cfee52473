/**
 * A subscription as an async iterable: a bounded queue between a sender that never waits and a consumer that does.
 *
 * It comes in two parts. The source holds the `Inlet`: the queue, and those who wait for an event. The consumer holds
 * the `EventStream`, of which the inlet knows only while somebody waits. So a stream that its consumer has forgotten
 * can be collected, and its subscription goes with it.
 */
import { EventQueue, Ring, type QueueOptions } from './event-queue.ts';

export interface StreamOptions<T> extends QueueOptions {
  /** Only events for which this is true enter the queue; it runs at dispatch, and what it throws ends the stream. */
  readonly filter?: (event: T) => boolean;
  /** Ends the stream with the signal's reason. */
  readonly abort?: AbortSignal;
}

/** All that a stream wants of its source. */
export interface Subscribable<T> {
  subscribe(observer: { next: (event: T) => void; error: (error: unknown) => void; complete: () => void }): {
    unsubscribe(): void;
  };
}

/**
 * Events in the order of their dispatch; `return` (leaving a `for await`) ends the subscription. Where the stream ends
 * otherwise, what waited by then is delivered first.
 */
export class EventStream<T> implements AsyncIterableIterator<T, undefined> {
  readonly #inlet: Inlet<T>;

  /** @param describe - how messages call the source */
  constructor(source: Subscribable<T>, options: StreamOptions<T> = {}, describe = (): string => 'an Observable') {
    this.#inlet = new Inlet(source, options, describe);
    if (!this.#inlet.ended) forgotten.register(this, this.#inlet, this.#inlet);
  }

  /** How many events were lost because the consumer was slower than the sender. */
  get dropped(): number {
    return this.#inlet.dropped;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return this.#inlet.next(this);
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#inlet.leave();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}

/** Ends the subscriptions of streams that were collected before they had ended. */
const forgotten = new FinalizationRegistry<{ leave(): void }>((inlet) => inlet.leave());

/** With methods, not functions, so that a stream of texts is also a stream of anything. */
interface Waiter<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
  /** Never read: who waits for a stream's next event still has a use for the stream. */
  readonly stream: EventStream<T> | undefined;
}

/** The sender's end of a stream. */
export class Inlet<T> {
  readonly #queue: EventQueue<T>;
  readonly #waiters = new Ring<Waiter<T>>();
  readonly #filter: ((event: never) => boolean) | undefined;
  readonly #abort: AbortSignal | undefined;
  readonly #subscription: { unsubscribe(): void };
  #ended: { error?: unknown } | undefined;

  constructor(source: Subscribable<T>, options: StreamOptions<T>, describe: () => string) {
    const { filter, abort } = options;
    this.#queue = new EventQueue(options, () => `A stream of ${describe()}`);
    this.#filter = filter;
    this.#abort = abort;
    this.#subscription = source.subscribe({
      next: (event) => this.#offer(event),
      error: (error) => this.#end({ error }),
      complete: () => this.#end({}),
    });
    if (abort?.aborted) this.#end({ error: abort.reason });
    // The source may have ended while it was subscribed to.
    if (this.#ended) this.#subscription.unsubscribe();
    else abort?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  get dropped(): number {
    return this.#queue.dropped;
  }

  /** @param stream - stays alive until the promise settles */
  next(stream?: EventStream<T>): Promise<IteratorResult<T, undefined>> {
    if (this.#queue.length > 0) return Promise.resolve({ value: this.#queue.shift(), done: false });
    if (!this.#ended) return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject, stream }));
    const ended = this.#ended;
    // The error is told once; after that the stream is simply over.
    this.#ended = {};
    return 'error' in ended ? Promise.reject(ended.error) : Promise.resolve({ value: undefined, done: true });
  }

  /** Ends it without another event or error. */
  leave(): void {
    this.#queue.clear();
    this.#end({});
    this.#ended = {};
  }

  #offer(event: T): void {
    if (this.#ended) return;
    try {
      if (this.#filter && !this.#filter(event as never)) return;
    } catch (error) {
      this.#end({ error });
      return;
    }
    if (this.#waiters.length > 0) {
      this.#waiters.shift().resolve({ value: event, done: false });
      return;
    }
    const overflow = this.#queue.push(event);
    if (overflow) this.#end({ error: overflow });
  }

  readonly #onAbort = (): void => this.#end({ error: this.#abort?.reason });

  #end(how: { error?: unknown }): void {
    if (this.#ended) return;
    this.#ended = how;
    this.#subscription?.unsubscribe();
    this.#abort?.removeEventListener('abort', this.#onAbort);
    forgotten.unregister(this);
    while (this.#waiters.length > 0) {
      const waiter = this.#waiters.shift();
      this.next().then(
        (result) => waiter.resolve(result),
        (error: unknown) => waiter.reject(error),
      );
    }
  }
}
