/**
 * A queue of events for a consumer that is slower than the sender: first in, first out, with a capacity and an overflow
 * policy. Streams and `@on` handlers use it.
 */
import { StreamOverflowError } from './errors.ts';

/** How a full queue handles a new event. */
export type Overflow = 'drop-newest' | 'drop-oldest' | 'latest' | 'error' | 'unbounded';

export interface QueueOptions {
  /** The maximum number of waiting events, at least 1. @default 50 */
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

  /** @param describe - returns the name of the queue for the overflow warning */
  constructor({ capacity = 50, overflow = 'drop-newest' }: QueueOptions, describe: () => string) {
    this.#limit = overflow === 'unbounded' ? Infinity : overflow === 'latest' || !(capacity >= 1) ? 1 : capacity;
    this.#overflow = overflow;
    this.#describe = describe;
  }

  get length(): number {
    return this.#events.length;
  }

  /** The number of events that were dropped because the queue was full. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds an event, or applies the overflow policy. @returns the error of a full queue with the policy `'error'` */
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

  /** Removes and returns the oldest event. The queue must not be empty. */
  shift(): T {
    return this.#events.shift();
  }

  clear(): void {
    this.#events.clear();
  }
}

/** A ring buffer: a queue whose `shift` takes constant time, unlike that of an array. */
export class Ring<T> {
  /** The length is a power of two, so that a bit mask computes the position. */
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
