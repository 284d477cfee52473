/**
 * The events that wait for a consumer who is slower than the sender: first in, first out, with a limit, and a policy
 * for what comes when it is reached. Streams and `@on` handlers wait behind one of these.
 */
import { AsphaltError } from '../errors/asphalt-error.ts';

/** What becomes of an event for which the queue has no room. */
export type Overflow = 'drop-newest' | 'drop-oldest' | 'latest' | 'error' | 'unbounded';

export interface QueueOptions {
  /** How many events wait at most; at least 1. @default 50 */
  readonly capacity?: number | undefined;
  /** @default 'drop-newest', with one warning */
  readonly overflow?: Overflow;
}

export class EventQueue<T> {
  readonly #events = new Ring<T>();
  readonly #limit: number;
  readonly #overflow: Overflow;
  readonly #describe: () => string;
  #dropped = 0;

  /** @param describe - what the warning says is full; asked only then */
  constructor({ capacity = 50, overflow = 'drop-newest' }: QueueOptions, describe: () => string) {
    this.#limit = overflow === 'unbounded' ? Infinity : overflow === 'latest' || !(capacity >= 1) ? 1 : capacity;
    this.#overflow = overflow;
    this.#describe = describe;
  }

  get length(): number {
    return this.#events.length;
  }

  /** How many events were lost because the consumer was slower than the sender. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Lets an event wait, or another one go for it; gives the error that ends it all where the policy is `'error'`. */
  push(event: T): StreamOverflowError | undefined {
    if (this.#events.length >= this.#limit) {
      if (this.#overflow === 'error') return new StreamOverflowError(this.#limit);
      if (++this.#dropped === 1 && this.#overflow === 'drop-newest') warnOfDrop(this.#describe(), this.#limit);
      if (this.#overflow === 'drop-newest') return undefined;
      this.#events.shift();
    }
    this.#events.push(event);
    return undefined;
  }

  /** Takes the event that has waited longest; there must be one. */
  shift(): T {
    return this.#events.shift();
  }

  clear(): void {
    this.#events.clear();
  }
}

/** A queue in an array whose end is followed by its beginning; an array's own `shift` moves all that is behind it. */
export class Ring<T> {
  /** As long as a power of two, so that a mask does for the remainder. */
  #places: Array<T | undefined> = new Array<undefined>(4).fill(undefined);
  #first = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length === this.#places.length) this.#grow();
    this.#places[(this.#first + this.#length++) & (this.#places.length - 1)] = item;
  }

  shift(): T {
    const item = this.#places[this.#first] as T;
    this.#places[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#places.length - 1);
    this.#length--;
    return item;
  }

  clear(): void {
    this.#places = new Array<undefined>(4).fill(undefined);
    this.#first = this.#length = 0;
  }

  #grow(): void {
    const inOrder = [...this.#places.slice(this.#first), ...this.#places.slice(0, this.#first)];
    this.#places = inOrder.concat(new Array<undefined>(inOrder.length).fill(undefined));
    this.#first = 0;
  }
}

function warnOfDrop(what: string, capacity: number): void {
  process.emitWarning(`${what} is full (${capacity} waiting); further events are dropped for this consumer`, {
    code: 'ASPHALT_STREAM_FULL',
  });
}

/** Ends a stream or a handler with `overflow: 'error'` that is slower than the sender. */
export class StreamOverflowError extends AsphaltError {
  readonly code = 'ERR_STREAM_OVERFLOW';

  constructor(readonly capacity: number) {
    super({
      summary: `A signal stream is full: ${capacity} events wait for a consumer that is slower than the sender`,
      help: "raise its capacity, or choose another overflow policy, such as 'drop-oldest' or 'latest'",
    });
  }
}
