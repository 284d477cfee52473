/**
 * Signals: typed sources of events that are RxJS Observables.
 *
 * This file owns the list of subscribers and what happens when one of them fails. It knows nothing of contexts or
 * components: the runtime *adopts* the signals of a resource and thereby says whose they are and who hears of errors.
 *
 * The list is copied when it changes and never while it is read, so a dispatch walks a plain array: whoever
 * subscribes during a dispatch gets the next event, whoever unsubscribes during one gets nothing more, and a
 * dispatch inside a dispatch is delivered at once.
 */
import { Observable, Subscription, type Observer, type Operator } from 'rxjs';
import { AsphaltError, describeThrown } from '../errors/asphalt-error.ts';
import { Derived, guard, isSubscriber, watch } from './derived.ts';
import { EventStream, type StreamOptions } from './stream.ts';

/** Tells whose a signal is and who hears of subscribers that throw. */
export interface SignalOwner {
  /** The resource or component that the signal belongs to, as messages call it. */
  readonly name: string;
  readonly onError: (error: unknown, signal: string) => void;
}

export interface WaitOptions {
  /** Ends the waiting with the signal's reason. */
  readonly abort?: AbortSignal;
}

/** What a signal delivers to: operators bring a `Subscriber` of their own, everyone else gets a {@link Listener}. */
interface Sink<T> {
  next(event: T): unknown;
  complete(): void;
}

const nothing: readonly never[] = [];

/** What ends the subscriptions that `trackSubscriptions` gathers while its body runs; the body is synchronous. */
let tracked: Array<() => void> | undefined;

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
   * a subscriber that throws, or whose promise rejects, is reported to the application and the others still get the
   * event. Where there is no application, it becomes a warning of the process.
   */
  dispatch(event: T): void {
    const sinks = this.#sinks;
    for (let i = 0; i < sinks.length; i++) {
      try {
        const result = sinks[i]!.next(event);
        if (result !== undefined) watch(result, this.#report);
      } catch (error) {
        this.#report(error);
      }
    }
  }

  /** Makes what `pipe` gives; its subscribers' failures are reported like those of the signal's own. */
  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    return new Derived<R>(this, operator, this.#report);
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
    if (isSubscriber<T>(target)) return super.subscribe(target);
    const listener =
      typeof target === 'object' && target !== null ? listenerOf(target) : new Listener<T>(target, complete);
    listener.add(this.#add(listener));
    return listener;
  }

  /** Events from now on, as an async iterable behind a bounded queue; leaving the loop ends the subscription. */
  stream(options?: StreamOptions<T>): EventStream<T> {
    return new EventStream<T>(this, options, () => this.toString());
  }

  [Symbol.asyncIterator](): EventStream<T> {
    return this.stream();
  }

  /**
   * The next event (that the filter accepts).
   *
   * @throws the abort reason when `abort` fires first, or {@link SignalCompletedError} when the signal completes.
   */
  wait(filter?: (event: T) => boolean, options?: WaitOptions): Promise<T> {
    return firstOf(this.stream(forOne(filter, options)));
  }

  /** How messages call the signal. */
  override toString(): string {
    return this.#owner ? `${this.#owner.name}.${this.#name}` : 'a signal';
  }

  #add(sink: Sink<T>): (() => void) | undefined {
    if (this.#completed) {
      this.#finish(sink);
      return undefined;
    }
    tracked?.push(() => this.#finish(sink));
    this.#sinks = [...this.#sinks, sink];
    return () => {
      this.#sinks = this.#sinks.filter((other) => other !== sink);
    };
  }

  readonly #report = (error: unknown): void => {
    if (!this.#owner) {
      warnOfFailure(error);
      return;
    }
    try {
      this.#owner.onError(error, this.toString());
    } catch (failure) {
      warnOfFailure(failure);
    }
  };

  #finish(sink: Sink<T>): void {
    guard(() => sink.complete(), this.#report);
  }

  #complete(): void {
    this.#completed = true;
    const sinks = this.#sinks;
    this.#sinks = nothing;
    for (const sink of sinks) this.#finish(sink);
  }

  /**
   * Says whose the signals of an object are, unless somebody has said so before; @returns what completes them when
   * their owner goes. @internal
   */
  static adopt(object: object, owner: SignalOwner): (() => void) | undefined {
    const adopted: Array<Signal<unknown>> = [];
    for (const [name, signal] of signalsOf(object)) {
      if (signal.#owner) continue;
      signal.#owner = owner;
      signal.#name = name;
      adopted.push(signal);
    }
    if (adopted.length === 0) return undefined;
    return () => adopted.forEach((signal) => signal.#complete());
  }

  /** Ends a signal: its subscribers complete, and so does whoever subscribes later. @internal */
  static complete<E>(signal: Signal<E>): void {
    signal.#complete();
  }
}

function warnOfFailure(error: unknown): void {
  process.emitWarning(`A subscriber of a signal threw: ${describeThrown(error)}`, {
    code: 'ASPHALT_SUBSCRIBER_FAILED',
    ...(error instanceof Error && error.stack !== undefined && { detail: error.stack }),
  });
}

type Maybe<F> = F | null | undefined;

/** Delivers to plain functions; what they throw is caught by the signal, which knows its own name. */
class Listener<T> extends Subscription implements Sink<T> {
  #next: Maybe<(event: T) => unknown>;
  #complete: Maybe<() => void>;

  constructor(next: Maybe<(event: T) => unknown>, complete: Maybe<() => void>) {
    super();
    this.#next = next;
    this.#complete = complete;
  }

  next(event: T): unknown {
    return this.#next?.(event);
  }

  complete(): void {
    const complete = this.#complete;
    this.unsubscribe();
    complete?.();
  }

  /** Nothing is delivered any more, even by a dispatch that is under way. */
  override unsubscribe(): void {
    this.#next = this.#complete = undefined;
    super.unsubscribe();
  }
}

function listenerOf<T>(observer: Partial<Observer<T>>): Listener<T> {
  return new Listener<T>(observer.next?.bind(observer), observer.complete?.bind(observer));
}

/** The options of a stream that is wanted for one event only. @internal */
export function forOne<T>(filter?: (event: T) => boolean, options?: WaitOptions): StreamOptions<T> {
  return { ...options, ...(filter && { filter }), overflow: 'latest' };
}

/** Takes one event from a stream and ends it. @internal */
export async function firstOf<T>(events: EventStream<T>): Promise<T> {
  await using stream = events;
  const { value, done } = await stream.next();
  if (done === true) throw new SignalCompletedError();
  return value;
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

/** The signals of an object by name: those of its own fields; accessors are not called. */
export function signalsOf(object: object): ReadonlyMap<string, Signal<unknown>> {
  const signals = new Map<string, Signal<unknown>>();
  // Arrays and buffers can have millions of fields and have no names for them.
  if (Array.isArray(object) || ArrayBuffer.isView(object)) return signals;
  for (const name of Object.keys(object)) {
    const value: unknown = Object.getOwnPropertyDescriptor(object, name)?.value;
    if (value instanceof Signal) signals.set(name, value);
  }
  return signals;
}

/**
 * Runs `subscribe` and gathers the subscriptions to signals that it makes, so that they can be completed while the
 * signals go on: operators behind them then flush what they hold back. @internal
 */
export function trackSubscriptions(subscribe: () => void): { complete(): void } {
  const outer = tracked;
  const ends: Array<() => void> = [];
  tracked = ends;
  try {
    subscribe();
  } finally {
    tracked = outer;
  }
  return { complete: () => ends.forEach((end) => end()) };
}
