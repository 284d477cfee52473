/**
 * Signals: typed sources of events that are RxJS Observables.
 *
 * This file owns the list of subscribers and what happens when one of them fails. It is the one place of core that
 * imports rxjs, and it knows nothing of contexts or components: the runtime *adopts* the signals of a resource and
 * thereby says whose they are and who hears of errors.
 *
 * The list is copied when it changes and never while it is read, so a dispatch walks a plain array: whoever
 * subscribes during a dispatch gets the next event, whoever unsubscribes during one gets nothing more, and a
 * dispatch inside a dispatch is delivered at once.
 */
import { Observable, Subscriber, Subscription, type Observer } from 'rxjs';
import { AsphaltError } from '../errors/asphalt-error.ts';
import { EventStream, type StreamOptions } from './stream.ts';

/** Tells whose a signal is and who hears of subscribers that throw. */
export interface SignalOwner {
  /** The resource or component that the signal belongs to, as messages call it. */
  readonly name: string;
  readonly onError: (error: unknown, signal: string) => void;
}

/** What a signal delivers to: operators bring a `Subscriber` of their own, everyone else gets a {@link Listener}. */
interface Sink<T> {
  next(event: T): void;
  complete(): void;
}

const nothing: readonly never[] = [];

/** The sinks that `trackSubscriptions` gathers while its body runs; the body is synchronous. */
let tracked: Array<Sink<never>> | undefined;

export class Signal<T> extends Observable<T> {
  #sinks: readonly Sink<T>[] = nothing;
  #completed = false;
  #owner: SignalOwner | undefined;
  #name = 'signal';

  constructor() {
    super((subscriber) => this.#add(subscriber));
  }

  /** Whether anybody listens; lets a sender save the work of making an event. */
  get observed(): boolean {
    return this.#sinks.length > 0;
  }

  /**
   * Delivers an event to every subscriber, in the order in which they subscribed. Never blocks and never throws:
   * a subscriber that throws is reported to the application and the others still get the event.
   */
  dispatch(event: T): void {
    const sinks = this.#sinks;
    for (let i = 0; i < sinks.length; i++) {
      try {
        sinks[i]!.next(event);
      } catch (error) {
        this.#report(error);
      }
    }
  }

  override subscribe(observerOrNext?: Partial<Observer<T>> | ((value: T) => void) | null): Subscription;
  override subscribe(
    next?: ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription;
  override subscribe(
    target?: Partial<Observer<T>> | ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    if (target instanceof Subscriber) return super.subscribe(target);
    const listener =
      typeof target === 'function'
        ? new Listener<T>(target, complete ?? undefined)
        : new Listener<T>(target?.next?.bind(target), target?.complete?.bind(target));
    listener.add(this.#add(listener));
    return listener;
  }

  /** Events from now on, as an async iterable behind a bounded queue; leaving the loop ends the subscription. */
  stream(options?: StreamOptions<T>): EventStream<T> {
    return new EventStream<T>(this, options);
  }

  [Symbol.asyncIterator](): EventStream<T> {
    return this.stream();
  }

  /**
   * The next event (that the filter accepts).
   *
   * @throws the abort reason when `abort` fires first, or {@link SignalCompletedError} when the signal completes.
   */
  async wait(filter?: (event: T) => boolean, options: { abort?: AbortSignal } = {}): Promise<T> {
    await using stream = this.stream({ ...(filter && { filter }), ...options, capacity: 1 });
    const { value, done } = await stream.next();
    if (done === true) throw new SignalCompletedError();
    return value;
  }

  #add(sink: Sink<T>): (() => void) | undefined {
    if (this.#completed) {
      sink.complete();
      return undefined;
    }
    tracked?.push(sink as Sink<never>);
    this.#sinks = [...this.#sinks, sink];
    return () => {
      this.#sinks = this.#sinks.filter((other) => other !== sink);
    };
  }

  #report(error: unknown): void {
    if (this.#owner) this.#owner.onError(error, `${this.#owner.name}.${this.#name}`);
    else process.emitWarning(error instanceof Error ? error : String(error), { code: 'ASPHALT_SUBSCRIBER_FAILED' });
  }

  #complete(): void {
    this.#completed = true;
    const sinks = this.#sinks;
    this.#sinks = nothing;
    for (const sink of sinks) {
      try {
        sink.complete();
      } catch (error) {
        this.#report(error);
      }
    }
  }

  /** Says whose the signals of an object are; @returns what completes them when their owner goes. @internal */
  static adopt(object: object, owner: SignalOwner): (() => void) | undefined {
    const signals = signalsOf(object);
    if (signals.size === 0) return undefined;
    for (const [name, signal] of signals) {
      signal.#owner ??= owner;
      signal.#name = name;
    }
    return () => {
      for (const signal of signals.values()) signal.#complete();
    };
  }
}

/** Delivers to plain functions; what they throw is caught by `dispatch`, which knows the signal. */
class Listener<T> extends Subscription implements Sink<T> {
  readonly #next: ((event: T) => void) | undefined;
  readonly #complete: (() => void) | undefined;

  constructor(next: ((event: T) => void) | undefined, complete: (() => void) | undefined) {
    super();
    this.#next = next;
    this.#complete = complete;
  }

  next(event: T): void {
    if (!this.closed) this.#next?.(event);
  }

  complete(): void {
    if (this.closed) return;
    this.unsubscribe();
    this.#complete?.();
  }
}

/** Raised by `wait` when the signal completes before an event came. */
export class SignalCompletedError extends AsphaltError {
  readonly code = 'ERR_SIGNAL_COMPLETED';

  constructor() {
    super({
      summary: 'The signal completed before the awaited event came',
      details: [['note', 'a signal completes when the context of its owner closes']],
    });
  }
}

/** The signals of an object by name: those of its own fields. */
export function signalsOf(object: object): ReadonlyMap<string, Signal<unknown>> {
  const signals = new Map<string, Signal<unknown>>();
  for (const [name, value] of Object.entries(object)) if (value instanceof Signal) signals.set(name, value);
  return signals;
}

/**
 * Runs `subscribe` and gathers the subscriptions to signals that it makes, so that they can be completed while the
 * signals go on: operators behind them then flush what they hold back. @internal
 */
export function trackSubscriptions(subscribe: () => void): { complete(): void } {
  const outer = tracked;
  const sinks: Array<Sink<never>> = [];
  tracked = sinks;
  try {
    subscribe();
  } finally {
    tracked = outer;
  }
  return { complete: () => sinks.forEach((sink) => sink.complete()) };
}
