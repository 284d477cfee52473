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
import { Observable, type Observer, type Operator, type Subscription } from 'rxjs';
import { Derived, guard, isSubscriber, watch, type Named } from './derived.ts';
import { EventTypeError, SignalEvent, stamp, type EventClass } from './event.ts';
import { Listener, type Sink } from './listener.ts';
import { owned } from './owned.ts';
import { EventStream, type StreamOptions } from './stream.ts';
import { describeThrown } from '../errors/asphalt-error.ts';
import { firstEvent, type WaitOptions } from './wait.ts';

/** Tells whose a signal is and who hears of subscribers that throw. */
export interface SignalOwner {
  /** The resource or component that the signal belongs to, as messages call it. */
  readonly name: string;
  readonly onError: (failure: SubscriberFailure) => void;
}

/** What a subscriber threw, or its promise rejected with. */
export interface SubscriberFailure {
  readonly error: unknown;
  /** The name of the signal, which is that of its field. */
  readonly signal: string;
  /** The name of its owner. */
  readonly owner: string;
  /** The name of the function that failed; undefined where it has none, or the failure came out of operators. */
  readonly subscriber: string | undefined;
}

type Call<T> = (event: T) => unknown;

const nothing: readonly never[] = [];
const ignore = (): undefined => undefined;

/** What ends the subscriptions that `trackSubscriptions` gathers while its body runs; the body is synchronous. */
let tracked: Array<() => void> | undefined;

export class Signal<T> extends Observable<T> {
  /** Who subscribed, and at the same index what is called: side by side, so that a dispatch loads functions only. */
  #sinks: readonly Sink[] = nothing;
  #calls: ReadonlyArray<Call<T>> = nothing;
  readonly #type: EventClass<T> | undefined;
  #completed = false;
  #owner: SignalOwner | undefined;
  #name = 'signal';
  /** Whoever holds a signal does not keep its owner alive. */
  #source: WeakRef<object> | undefined;

  /**
   * @param type - the class of the events, where they are {@link SignalEvent}s: the signal fills in their source,
   * topic and time, and dispatches nothing else
   */
  constructor(type?: EventClass<T>) {
    super((subscriber) => this.#add(subscriber, (event) => subscriber.next(event)));
    this.#type = type;
  }

  /** Whether anybody listens; lets a sender save the work of making an event. */
  get observed(): boolean {
    return this.#sinks.length > 0;
  }

  /**
   * Delivers an event to every subscriber, in the order in which they subscribed. Never blocks, and no subscriber can
   * make it throw: one that throws, or whose promise rejects, is reported to the application and the others still get
   * the event. Where there is no application, it becomes a warning of the process.
   *
   * @throws {@link EventTypeError} when the signal was made with a class and the event is none of it.
   */
  dispatch(event: T): void {
    if (this.#type !== undefined) this.#fillIn(event, this.#type);
    const calls = this.#calls;
    const sinks = this.#sinks;
    for (let i = 0; i < calls.length; i++) {
      // Somebody came or went meanwhile: those who are gone get nothing more.
      if (calls !== this.#calls && sinks[i]!.closed) continue;
      // Called by itself, because a method call would hand out the list as `this`.
      const call = calls[i]!;
      try {
        const result = call(event);
        if (result !== undefined) watch(result, this.#report, call);
      } catch (error) {
        this.#report(error, call);
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
    _error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    if (isSubscriber<T>(target)) return super.subscribe(target);
    const observer = typeof target === 'object' && target !== null ? target : undefined;
    const next = observer ? observer.next?.bind(observer) : (target as Call<T> | null | undefined);
    const listener = new Listener(observer ? observer.complete?.bind(observer) : complete);
    listener.add(this.#add(listener, next ?? ignore));
    return owned(listener);
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
    return firstEvent<T>(this, filter, options);
  }

  /** How messages call the signal. */
  override toString(): string {
    return this.#owner ? `${this.#owner.name}.${this.#name}` : 'a signal';
  }

  #add(sink: Sink, call: Call<T>): (() => void) | undefined {
    if (this.#completed) {
      this.#finish(sink);
      return undefined;
    }
    tracked?.push(() => this.#finish(sink));
    this.#sinks = [...this.#sinks, sink];
    this.#calls = [...this.#calls, call];
    return () => this.#remove(sink);
  }

  #remove(sink: Sink): void {
    const index = this.#sinks.indexOf(sink);
    if (index === -1) return;
    this.#sinks = this.#sinks.toSpliced(index, 1);
    this.#calls = this.#calls.toSpliced(index, 1);
  }

  #fillIn(event: T, type: EventClass<T>): void {
    if (!(event instanceof type)) {
      const actual = typeof event === 'object' && event !== null ? event.constructor?.name : undefined;
      throw new EventTypeError(this.toString(), type.name, actual ?? describeThrown(event));
    }
    stamp(event, this.#source?.deref(), this.#name);
  }

  readonly #report = (error: unknown, subscriber?: Named): void => {
    if (!this.#owner) {
      warnOfFailure(error);
      return;
    }
    const { name: owner, onError } = this.#owner;
    try {
      const called = subscriber?.name.replace(/^bound /, '');
      onError({ error, owner, signal: this.#name, subscriber: called === '' ? undefined : called });
    } catch (failure) {
      warnOfFailure(failure);
    }
  };

  #finish(sink: Sink): void {
    guard(() => sink.complete(), this.#report);
  }

  #complete(): void {
    this.#completed = true;
    const sinks = this.#sinks;
    this.#sinks = this.#calls = nothing;
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
      signal.#source = new WeakRef(object);
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
