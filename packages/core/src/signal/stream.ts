/**
 * A subscription as an async iterable: a bounded queue between a sender that does not wait and a consumer that does.
 *
 * It has two parts. The source references the `Inlet`, which contains the queue and the pending calls of `next()`. The
 * consumer references the `EventStream`. The inlet references the stream only while a call of `next()` is pending. A
 * stream that its consumer dropped can therefore be garbage-collected, which also ends its subscription.
 */
import { EventQueue, Ring, type QueueOptions } from './event-queue.ts';

export interface StreamOptions<T> extends QueueOptions {
  /** Selects the events that enter the queue. Runs at dispatch; an error that it throws ends the stream. */
  readonly filter?: (event: T) => boolean;
  /** Ends the stream with the signal's reason. */
  readonly abort?: AbortSignal;
}

/** The part of its source that a stream uses. */
export interface Subscribable<T> {
  subscribe(observer: { next: (event: T) => void; error: (error: unknown) => void; complete: () => void }): {
    unsubscribe(): void;
  };
}

/**
 * An async iterable of events in the order of their dispatch. `return()`, which leaving a `for await` loop calls, ends
 * the subscription and drops queued events. If the stream ends in another way, queued events are delivered first.
 */
export class EventStream<T> implements AsyncIterableIterator<T, undefined> {
  readonly #inlet: Inlet<T>;

  /**
   * @internal
   * @param describe - returns the name of the source for messages
   */
  constructor(source: Subscribable<T>, options: StreamOptions<T> = {}, describe = (): string => 'an Observable') {
    this.#inlet = new Inlet(source, options, describe);
    if (!this.#inlet.ended) collected.register(this, this.#inlet, this.#inlet);
  }

  /** The number of events that were dropped because the queue was full. */
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

/** Ends the subscriptions of streams that were garbage-collected before they ended. */
const collected = new FinalizationRegistry<{ leave(): void }>((inlet) => inlet.leave());

/** Has methods, not function properties, so that `EventStream<string>` is assignable to `EventStream<unknown>`. */
interface Waiter<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
  /** Never read. Keeps the stream alive while a call of `next()` is pending. */
  readonly stream: EventStream<T> | undefined;
}

/** The sender's side of a stream. */
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
    // The source may have ended during `subscribe`.
    if (this.#ended) this.#subscription.unsubscribe();
    else abort?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  get dropped(): number {
    return this.#queue.dropped;
  }

  /** @param stream - kept alive until the promise settles */
  next(stream?: EventStream<T>): Promise<IteratorResult<T, undefined>> {
    if (this.#queue.length > 0) return Promise.resolve({ value: this.#queue.shift(), done: false });
    if (!this.#ended) return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject, stream }));
    const ended = this.#ended;
    // The error is thrown once. Later calls report the end.
    this.#ended = {};
    return 'error' in ended ? Promise.reject(ended.error) : Promise.resolve({ value: undefined, done: true });
  }

  /** Ends the stream without delivering further events or errors. */
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
    collected.unregister(this);
    while (this.#waiters.length > 0) {
      const waiter = this.#waiters.shift();
      this.next().then(
        (result) => waiter.resolve(result),
        (error: unknown) => waiter.reject(error),
      );
    }
  }
}
