/**
 * What `pipe` makes of a signal: an ordinary Observable, except that failures nobody handles are reported to the
 * signal instead of becoming uncaught exceptions of the process.
 *
 * It sits between the operators and the last subscriber only; operators among themselves talk as RxJS has it.
 */
import type { Observer, Operator, Subscription } from 'rxjs';
import { Observable, Subscriber } from './rxjs.ts';
import { owned } from './owned.ts';

type Maybe<F> = F | null | undefined;

/** A function, of which only the name is wanted. */
export type Named = { readonly name: string };

/** Hears of what a subscriber threw, and which function that was, where it is known. */
export type Report = (error: unknown, subscriber?: Named) => void;

export class Derived<T> extends Observable<T> {
  readonly #report: Report;

  constructor(source: Observable<unknown>, operator: Operator<never, T> | undefined, report: Report) {
    super();
    this.source = source;
    this.operator = operator as Operator<unknown, T> | undefined;
    this.#report = report;
  }

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
    if (isSubscriber(target)) return super.subscribe(target);
    const report = this.#report;
    const observer = typeof target === 'object' && target !== null ? target : { next: target, error, complete };
    const { next } = observer;
    const subscription = super.subscribe({
      // Not through `guard`, which would cost a function for every event.
      next: (event) => {
        try {
          const result: unknown = next?.call(observer, event);
          if (result !== undefined) watch(result, report, next);
        } catch (failure) {
          report(failure, next ?? undefined);
        }
      },
      error: (failure: unknown) => (observer.error ? guard(() => observer.error!(failure), report) : report(failure)),
      complete: () => guard(() => observer.complete?.(), report),
    });
    // What `subscribe` gives for an observer is a `Subscriber`.
    return owned(subscription as Subscriber<T>);
  }
}

/** Whether a subscriber comes from an operator, also from one of another copy of RxJS. */
export function isSubscriber<T>(target: unknown): target is Subscriber<T> {
  return (
    target instanceof Subscriber ||
    (typeof target === 'object' && target !== null && 'add' in target && 'next' in target)
  );
}

/** Calls a subscriber and reports what it throws. */
export function guard(call: () => unknown, report: Report): void {
  try {
    watch(call(), report);
  } catch (error) {
    report(error);
  }
}

/** Reports the rejection of a subscriber that is an async function. */
export function watch(result: unknown, report: Report, subscriber?: Maybe<Named>): void {
  if (result instanceof Promise) result.catch((error: unknown) => report(error, subscriber ?? undefined));
}
