/**
 * A subscription as an async iterable: a bounded queue between a sender that never waits and a consumer that does.
 * It sees its source only as something that can be subscribed to.
 */
import { AsphaltError } from '../errors/asphalt-error.ts';

/** What becomes of an event for which the queue has no room. */
export type Overflow = 'drop-newest' | 'drop-oldest' | 'latest' | 'error' | 'unbounded';

export interface StreamOptions<T> {
  /** Only events for which this is true enter the queue; it runs at dispatch, and what it throws ends the stream. */
  readonly filter?: (event: T) => boolean;
  /** How many events wait at most; at least 1. @default 50 */
  readonly capacity?: number;
  /** @default 'drop-newest', with one warning */
  readonly overflow?: Overflow;
  /** Ends the stream with the signal's reason. */
  readonly abort?: AbortSignal;
}

interface Subscribable<T> {
  subscribe(observer: { next: (event: T) => void; error: (error: unknown) => void; complete: () => void }): {
    unsubscribe(): void;
  };
}

type Waiter<T> = { resolve: (result: IteratorResult<T, undefined>) => void; reject: (error: unknown) => void };

/**
 * Events in the order of their dispatch; `return` (leaving a `for await`) ends the subscription. Where the stream ends
 * otherwise, what waited by then is delivered first.
 */
export class EventStream<T> implements AsyncIterableIterator<T, undefined> {
  readonly #queue = new Queue<T>();
  readonly #waiters: Array<Waiter<T>> = [];
  readonly #subscription: { unsubscribe(): void };
  readonly #options: StreamOptions<T>;
  readonly #describe: () => string;
  #ended: { error?: unknown } | undefined;
  #dropped = 0;

  /** @param describe - how messages call the source */
  constructor(source: Subscribable<T>, options: StreamOptions<T> = {}, describe: () => string = () => 'an Observable') {
    this.#options = options;
    this.#describe = describe;
    const { abort } = options;
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

  /** How many events were lost because the consumer was slower than the sender. */
  get dropped(): number {
    return this.#dropped;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#queue.length > 0) return Promise.resolve({ value: this.#queue.shift(), done: false });
    if (!this.#ended) return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
    const ended = this.#ended;
    // The error is told once; after that the stream is simply over.
    this.#ended = {};
    return 'error' in ended ? Promise.reject(ended.error) : Promise.resolve({ value: undefined, done: true });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#queue.clear();
    this.#end({});
    this.#ended = {};
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #offer(event: T): void {
    if (this.#ended) return;
    const { filter } = this.#options;
    try {
      if (filter && !filter(event)) return;
    } catch (error) {
      this.#end({ error });
      return;
    }
    const waiter = this.#waiters.shift();
    if (waiter) waiter.resolve({ value: event, done: false });
    else if (this.#makeRoom()) this.#queue.push(event);
  }

  /** Whether the next event may enter the queue. */
  #makeRoom(): boolean {
    const { capacity = 50, overflow = 'drop-newest' } = this.#options;
    const limit = overflow === 'latest' ? 1 : Math.max(capacity, 1);
    if (overflow === 'unbounded' || this.#queue.length < limit) return true;
    if (overflow === 'error') {
      this.#end({ error: new StreamOverflowError(limit) });
      return false;
    }
    this.#dropped++;
    if (overflow === 'drop-newest') {
      if (this.#dropped === 1) warnOfDrop(this.#describe(), limit);
      return false;
    }
    this.#queue.shift();
    return true;
  }

  #onAbort = (): void => this.#end({ error: this.#options.abort?.reason });

  #end(how: { error?: unknown }): void {
    if (this.#ended) return;
    this.#ended = how;
    this.#subscription?.unsubscribe();
    this.#options.abort?.removeEventListener('abort', this.#onAbort);
    for (const { resolve, reject } of this.#waiters.splice(0)) this.next().then(resolve, reject);
  }
}

/** First in, first out. An array's own `shift` moves all of its elements once it has some ten thousand of them. */
class Queue<T> {
  #items: T[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T {
    const item = this.#items[this.#head] as T;
    this.#items[this.#head++] = undefined as T;
    // Each element is moved once at most for every one that has gone.
    if (this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}

function warnOfDrop(source: string, capacity: number): void {
  process.emitWarning(
    `A stream of ${source} is full (${capacity} waiting); further events are dropped for this consumer`,
    {
      code: 'ASPHALT_STREAM_FULL',
    },
  );
}

/** Ends a stream with `overflow: 'error'` whose consumer is slower than the sender. */
export class StreamOverflowError extends AsphaltError {
  readonly code = 'ERR_STREAM_OVERFLOW';

  constructor(readonly capacity: number) {
    super({
      summary: `A signal stream is full: ${capacity} events wait for a consumer that is slower than the sender`,
      help: "raise its capacity, or choose another overflow policy, such as 'drop-oldest' or 'latest'",
    });
  }
}
