/**
 * Signals: typed sources of events that are RxJS Observables.
 *
 * This file owns the list of subscribers and the handling of their errors. It must not depend on contexts or
 * components. The runtime *adopts* the signals of a resource: this sets their owner, which receives the errors.
 *
 * The list is copied when it changes, and a dispatch iterates over a plain array of functions. A subscriber that is
 * added during a dispatch receives the next event. A subscriber that is removed during a dispatch receives no further
 * event. A nested dispatch is delivered immediately.
 */
import type { Observer, Operator, Subscription } from 'rxjs';
import { Observable } from './rxjs.ts';
import { Derived, guard, isSubscriber, watch, type ErrorReporter, type Named } from './derived.ts';
import { EventTypeError } from './errors.ts';
import { SignalEvent, type EventClass } from './event.ts';
import { callbacksOf, Listener, type Sink } from './listener.ts';
import { collectedCompletions, isOwned, owned, unowned } from './scope.ts';
import { hasStack, isStackOverflow } from './stack.ts';
import { EventStream, type StreamOptions } from './stream.ts';
import { warnOfFailure, type SignalOwner } from './subscriber-failure.ts';
import { firstEvent, type WaitOptions } from './wait.ts';

/** Delivers an event. The parameter is `never`, so that `Signal<string>` is assignable to `Signal<unknown>`. */
type Call = (event: never) => unknown;

/** A subscriber, and the function that delivers events to it. */
interface Entry {
  readonly sink: Sink;
  readonly call: Call;
}

const ignore = (): undefined => undefined;

export class Signal<T> extends Observable<T> {
  /** The number of signals created so far. */
  static #created = 0;

  /** The sequence number: older signals have lower numbers. */
  readonly #number = ++Signal.#created;

  #entries: readonly Entry[] = [];
  /** The functions of the entries; reading only this array saves 26 % of a dispatch (benchmark `signal-10`). */
  #calls: Call[] = [];
  readonly #type: EventClass<SignalEvent> | undefined;
  /** The number of dispatches in progress, each inside of the former. */
  #depth = 0;
  /** Whether nested dispatches deliver nothing, because the stack overflowed in one of them. */
  #isCut = false;
  #completed = false;
  #owner: SignalOwner | undefined;
  #name = 'signal';
  /** Weak, so that a reference to a signal does not keep its resource alive. */
  #source: WeakRef<object> | undefined;

  /**
   * @param type - the class of the events, which extends {@link SignalEvent}; the signal then sets their source, topic
   * and time, and rejects other events
   */
  constructor(type?: EventClass<T>) {
    super((subscriber) => this.#add(subscriber, (event: T) => subscriber.next(event)));
    this.#type = type;
  }

  /** Separates the signals that exist now from later ones; for {@link adopt}. @internal */
  static get mark(): number {
    return Signal.#created;
  }

  /** Whether the signal has subscribers. If not, the sender need not create an event. */
  get observed(): boolean {
    return this.#entries.length > 0;
  }

  /**
   * Delivers an event to every subscriber, in the order in which they subscribed. Does not wait for subscribers and
   * does not throw their errors. An error or a rejected promise of a subscriber is reported to the application, and the
   * other subscribers still receive the event. Without an application, the error becomes a process warning.
   *
   * @throws {@link EventTypeError} when the signal was created with a class and the event is not an instance of it
   */
  dispatch(event: T): void {
    if (isOwned()) {
      this.#dispatchUnowned(event);
      return;
    }
    if (this.#type !== undefined) this.#stampEvent(event, this.#type);
    const calls = this.#calls;
    const entries = this.#entries;
    let i = 0;
    this.#depth++;
    try {
      for (; i < calls.length; i++) this.#deliver(event, calls[i]!);
      if (i > calls.length) this.#deliverRest(event, entries.slice(i));
    } finally {
      this.#depth--;
    }
  }

  /** Dispatches without an owner: subscriptions that subscribers create do not belong to the dispatching code. */
  #dispatchUnowned(event: T): void {
    unowned(() => this.dispatch(event));
  }

  /** Lets an RxJS source emit into this signal. The signal does not complete with the source. */
  next(event: T): void {
    this.dispatch(event);
  }

  /** Reports the error of an RxJS source that emits into this signal, like that of a subscriber. */
  error(error: unknown): void {
    this.#report(error);
  }

  /** Continues a dispatch whose list changed, and skips subscribers that were removed. */
  #deliverRest(event: T, entries: readonly Entry[]): void {
    this.#resume();
    for (const { sink, call } of entries) {
      if (this.#isCut) return;
      if (!sink.closed) this.#deliver(event, call);
      this.#resume();
    }
  }

  /** Lets the outermost dispatch continue after the stack overflowed. */
  #resume(): void {
    if (!this.#isCut || this.#depth > 1) return;
    this.#isCut = false;
    this.#change(this.#entries);
  }

  /** Calls one subscriber. Calling `calls[i](event)` directly would pass the array as `this`. */
  #deliver(event: T, call: Call): void {
    try {
      const result = call(event as never);
      if (result !== undefined) watch(result, this.#report, call);
    } catch (error) {
      // In a loop of dispatches, each level would call its other subscribers and overflow again.
      if (this.#depth > 1 && isStackOverflow(error)) throw error;
      this.#report(error, call);
    }
  }

  /** Creates the Observable that `pipe` returns, whose subscribers' errors are reported like those of the signal. */
  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    return new Derived<R>(this, operator, Signal.#reporterOf(this));
  }

  /** Finds the signal of an Observable that copied `lift` from it, as those of `publish` and `multicast` do. */
  static #reporterOf(lifted: Observable<unknown>): ErrorReporter {
    let at = lifted;
    while (!(#report in at)) at = at.source!;
    return at.#report;
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
    const callbacks = callbacksOf(target, error, complete);
    const listener = new Listener(callbacks.complete);
    listener.add(this.#add(listener, callbacks.next ?? ignore));
    return owned(listener);
  }

  /** Streams later events as an async iterable with a bounded queue. Leaving the loop ends the subscription. */
  stream(options?: StreamOptions<T>): EventStream<T> {
    return new EventStream<T>(this, options, () => this.toString());
  }

  [Symbol.asyncIterator](): EventStream<T> {
    return this.stream();
  }

  /**
   * Resolves with the next event that the filter accepts.
   *
   * @throws the abort reason when `abort` aborts first, or {@link SignalCompletedError} when the signal completes
   */
  wait(filter?: (event: T) => boolean, options?: WaitOptions): Promise<T> {
    return firstEvent<T>(this, filter, options);
  }

  /** Returns the name of the signal for messages. */
  override toString(): string {
    return this.#owner ? `${this.#owner.name}.${this.#name}` : 'a signal';
  }

  #add(sink: Sink, call: Call): (() => void) | undefined {
    if (this.#completed) {
      this.#finish(sink);
      return undefined;
    }
    collectedCompletions()?.push(() => this.#finish(sink));
    const entry = { sink, call };
    this.#change([...this.#entries, entry]);
    return () => this.#change(this.#entries.filter((other) => other !== entry));
  }

  /**
   * Replaces the list. Running dispatches detect this because the old array of functions is emptied, which saves 9 % of a
   * dispatch compared with a look at the list before each call (benchmark `signal-10`).
   */
  #change(entries: readonly Entry[]): void {
    this.#calls.length = 0;
    this.#entries = entries;
    this.#calls = this.#isCut ? [] : entries.map(({ call }) => call);
  }

  #stampEvent(event: T, type: EventClass<SignalEvent>): void {
    if (!(event instanceof type)) throw new EventTypeError(this.toString(), type.name, event);
    SignalEvent.stamp(event, this.#source?.deref(), this.#name);
  }

  readonly #report = (error: unknown, subscriber?: Named): void => {
    const isLoop = this.#depth > 1 && isStackOverflow(error);
    if (isLoop && this.#isCut) return;
    // A report near the end of the stack would overflow it, or abort the process if V8 compiles a regular expression.
    if (hasStack()) this.#reportNow(error, subscriber);
    else queueMicrotask(() => this.#reportNow(error, subscriber));
    if (!isLoop) return;
    // RxJS does not pass an overflow on. The dispatches around it would call their other subscribers and overflow again.
    this.#calls.length = 0;
    this.#calls = [];
    this.#isCut = true;
  };

  #reportNow(error: unknown, subscriber: Named | undefined): void {
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
  }

  #finish(sink: Sink): void {
    guard(() => sink.complete(), this.#report);
  }

  #complete(): void {
    this.#completed = true;
    const entries = this.#entries;
    this.#change([]);
    for (const { sink } of entries) this.#finish(sink);
  }

  /**
   * Sets the owner of an object's signals, except those created before `mark` and those that have an owner.
   *
   * @returns a function that completes the adopted signals, or undefined if none was adopted
   * @internal
   */
  static adopt(object: object, owner: SignalOwner, mark = 0): (() => void) | undefined {
    const signals = signalsOf(object);
    if (signals.size === 0) return undefined;
    const adopted: Array<Signal<unknown>> = [];
    for (const [name, signal] of signals) {
      if (signal.#owner || signal.#number <= mark) continue;
      signal.#owner = owner;
      signal.#name = name;
      // Only events of a class have a source.
      if (signal.#type !== undefined) signal.#source = new WeakRef(object);
      adopted.push(signal);
    }
    if (adopted.length === 0) return undefined;
    return () => adopted.forEach((signal) => signal.#complete());
  }

  /** Completes a signal: its current and later subscribers complete. @internal */
  static complete<E>(signal: Signal<E>): void {
    signal.#complete();
  }
}

const noSignals: ReadonlyMap<string, Signal<unknown>> = new Map();

/** Returns the signals in an object's own fields, by name. Does not call accessors. */
export function signalsOf(object: object): ReadonlyMap<string, Signal<unknown>> {
  // Elements of arrays and buffers have no names, and there can be millions of them.
  if (Array.isArray(object) || ArrayBuffer.isView(object)) return noSignals;
  let signals: Map<string, Signal<unknown>> | undefined;
  for (const name of Object.keys(object)) {
    const value: unknown = Object.getOwnPropertyDescriptor(object, name)?.value;
    if (value instanceof Signal) (signals ??= new Map<string, Signal<unknown>>()).set(name, value);
  }
  return signals ?? noSignals;
}
