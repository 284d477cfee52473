/**
 * The Observable that `pipe` returns for a signal. Unhandled errors of its subscribers are reported to the signal
 * instead of becoming uncaught exceptions.
 *
 * It only wraps the last subscriber. Operators communicate with each other as in RxJS. This file must not depend on
 * `Signal`.
 */
import type { Observer, Operator, Subscription } from 'rxjs';
import { callbacksOf } from './listener.ts';
import { Observable, type Subscriber } from './rxjs.ts';
import { owned } from './scope.ts';

/** A function; only its name is used. */
export type Named = { readonly name: string };

/** Called with the error of a subscriber, and the function that threw it, if known. */
export type ErrorReporter = (error: unknown, subscriber?: Named) => void;

export class Derived<T> extends Observable<T> {
  readonly #report: ErrorReporter;

  constructor(source: Observable<unknown>, operator: Operator<never, T> | undefined, report: ErrorReporter) {
    super();
    this.source = source;
    this.operator = operator as Operator<unknown, T> | undefined;
    this.#report = report;
  }

  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    return new Derived<R>(this, operator, Derived.#reporterOf(this));
  }

  /** Finds the source of an Observable that copied `lift` from it, as those of `publish` and `multicast` do. */
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
    if (isSubscriber(target)) return super.subscribe(target);
    const report = this.#report;
    const { next, error: fail, complete: end } = callbacksOf(target, error, complete);
    const subscription = super.subscribe({
      next: (event) => {
        try {
          const result: unknown = next?.(event);
          if (result !== undefined) watch(result, report, next);
        } catch (failure) {
          report(failure, next);
        }
      },
      error: (failure: unknown) => (fail ? guard(() => fail(failure), report) : report(failure)),
      complete: () => guard(() => end?.(), report),
    });
    // RxJS returns a `Subscriber` when `subscribe` is called with an observer.
    return owned(subscription as Subscriber<T>);
  }
}

/** Returns whether a subscriber comes from an operator, possibly of another copy of RxJS. */
export function isSubscriber<T>(target: unknown): target is Subscriber<T> {
  return typeof target === 'object' && target !== null && 'add' in target && 'next' in target;
}

/** Calls a subscriber and reports its error. */
export function guard(call: () => unknown, report: ErrorReporter): void {
  try {
    watch(call(), report);
  } catch (error) {
    report(error);
  }
}

/** Reports the rejection of an async subscriber. */
export function watch(result: unknown, report: ErrorReporter, subscriber?: Named): void {
  if (result instanceof Promise) result.catch((error: unknown) => report(error, subscriber));
}
