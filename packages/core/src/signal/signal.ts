/**
 * Signals: typed sources of events that are RxJS Observables.
 *
 * This file owns the list of subscribers and what happens when one of them fails. It knows nothing of contexts or
 * components: the runtime *adopts* the signals of a resource and thereby says whose they are and who hears of errors.
 *
 * The list is copied when it changes, so a dispatch walks a plain array of functions. Whoever subscribes during a
 * dispatch gets the next event, whoever unsubscribes during one gets nothing more, and a dispatch inside a dispatch is
 * delivered at once.
 */
import type { Observer, Operator, Subscription } from 'rxjs';
import { Observable } from './rxjs.ts';
import { Derived, guard, isSubscriber, watch, type Named } from './derived.ts';
import { EventTypeError, stamp, type EventClass, type SignalEvent } from './event.ts';
import { Listener, type Sink } from './listener.ts';
import { isOwned, owned, unowned } from './owned.ts';
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

/** Delivers an event. It does not say which, so that a signal of texts is also a signal of anything. */
type Call = (event: never) => unknown;

/** A subscriber, and the function that delivers to it. */
interface Entry {
  readonly sink: Sink;
  readonly call: Call;
}

const ignore = (): undefined => undefined;

/** What ends the subscriptions that `trackSubscriptions` gathers while its body runs; the body is synchronous. */
let tracked: Array<() => void> | undefined;

export class Signal<T> extends Observable<T> {
  /** How many signals were ever made. */
  static #made = 0;
  /** How many of them have never had an owner, those included that nobody holds any more. */
  static #ownerless = 0;

  /** Its number among all that were ever made: older ones have lower numbers. */
  readonly #number = ++Signal.#made;

  #entries: readonly Entry[] = [];
  /** The functions of the entries, by themselves: a dispatch loads nothing else, and asks of nothing else. */
  #calls: Call[] = [];
  readonly #type: EventClass<SignalEvent> | undefined;
  #completed = false;
  #owner: SignalOwner | undefined;
  #name = 'signal';
  /** Whoever holds a signal does not keep its owner alive. */
  #source: WeakRef<object> | undefined;

  /**
   * @param type - the class of the events, where that extends {@link SignalEvent}: the signal fills in their source,
   * topic and time, and dispatches nothing else
   */
  constructor(type?: EventClass<T>) {
    super((subscriber) => this.#add(subscriber, (event: T) => subscriber.next(event)));
    this.#type = type;
    Signal.#ownerless++;
  }

  /** Tells the signals that are there now from those that come later; for {@link adopt}. @internal */
  static get mark(): number {
    return Signal.#made;
  }

  /** Whether there can be a signal without owner that was made since `mark`, so that a value is worth a search. @internal */
  static mayAdopt(mark = 0): boolean {
    return Signal.#ownerless > 0 && Signal.#made > mark;
  }

  /** Whether anybody listens; lets a sender save the work of making an event. */
  get observed(): boolean {
    return this.#entries.length > 0;
  }

  /**
   * Delivers an event to every subscriber, in the order in which they subscribed. Never blocks, and no subscriber can
   * make it throw: one that throws, or whose promise rejects, is reported to the application and the others still get
   * the event. Where there is no application, it becomes a warning of the process.
   *
   * @throws {@link EventTypeError} when the signal was made with a class and the event is none of it.
   */
  dispatch(event: T): void {
    if (isOwned()) {
      this.#dispatchUnowned(event);
      return;
    }
    if (this.#type !== undefined) this.#fillIn(event, this.#type);
    const calls = this.#calls;
    const entries = this.#entries;
    let i = 0;
    for (; i < calls.length; i++) this.#deliver(event, calls[i]!);
    if (i > calls.length) this.#deliverRest(event, entries.slice(i));
  }

  /** The subscriptions that subscribers make do not belong to the code that dispatches. */
  #dispatchUnowned(event: T): void {
    unowned(() => this.dispatch(event));
  }

  /** Goes on where the list was cut short, because somebody came or went: those who are gone get nothing more. */
  #deliverRest(event: T, entries: readonly Entry[]): void {
    for (const { sink, call } of entries) if (!sink.closed) this.#deliver(event, call);
  }

  /** Calls one subscriber: by itself, because a method call would hand out the list as `this`. */
  #deliver(event: T, call: Call): void {
    try {
      const result = call(event as never);
      if (result !== undefined) watch(result, this.#report, call);
    } catch (error) {
      this.#report(error, call);
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
    const next = observer ? observer.next?.bind(observer) : (target as Call | null | undefined);
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

  #add(sink: Sink, call: Call): (() => void) | undefined {
    if (this.#completed) {
      this.#finish(sink);
      return undefined;
    }
    tracked?.push(() => this.#finish(sink));
    const entry = { sink, call };
    this.#change([...this.#entries, entry]);
    return () => this.#change(this.#entries.filter((other) => other !== entry));
  }

  /** Replaces the list; dispatches that walk the old one notice, because it has no more functions. */
  #change(entries: readonly Entry[]): void {
    this.#calls.length = 0;
    this.#entries = entries;
    this.#calls = entries.map(({ call }) => call);
  }

  #fillIn(event: T, type: EventClass<SignalEvent>): void {
    if (!(event instanceof type)) throw new EventTypeError(this.toString(), type.name, event);
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
    const entries = this.#entries;
    this.#change([]);
    for (const { sink } of entries) this.#finish(sink);
  }

  /**
   * Says whose the signals of an object are: of those that were made since `mark`, and unless somebody has said so
   * before; @returns what completes them when their owner goes. @internal
   */
  static adopt(object: object, owner: SignalOwner, mark = 0): (() => void) | undefined {
    const signals = signalsOf(object);
    if (signals.size === 0) return undefined;
    const adopted: Array<Signal<unknown>> = [];
    for (const [name, signal] of signals) {
      if (signal.#owner || signal.#number <= mark) continue;
      signal.#owner = owner;
      Signal.#ownerless--;
      signal.#name = name;
      // Making one takes a microsecond, and only events of a class ask.
      if (signal.#type !== undefined) signal.#source = new WeakRef(object);
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

/** Tells of a subscriber that threw where there is no application to tell. @internal */
export function warnOfFailure(error: unknown): void {
  process.emitWarning(`A subscriber of a signal threw: ${describeThrown(error)}`, {
    code: 'ASPHALT_SUBSCRIBER_FAILED',
    ...(error instanceof Error && error.stack !== undefined && { detail: error.stack }),
  });
}

const noSignals: ReadonlyMap<string, Signal<unknown>> = new Map();

/** The signals of an object by name: those of its own fields; accessors are not called. */
export function signalsOf(object: object): ReadonlyMap<string, Signal<unknown>> {
  // Arrays and buffers can have millions of fields and have no names for them.
  if (Array.isArray(object) || ArrayBuffer.isView(object)) return noSignals;
  let signals: Map<string, Signal<unknown>> | undefined;
  for (const name of Object.keys(object)) {
    const value: unknown = Object.getOwnPropertyDescriptor(object, name)?.value;
    if (value instanceof Signal) (signals ??= new Map<string, Signal<unknown>>()).set(name, value);
  }
  return signals ?? noSignals;
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
