/**
 * What `pipe` makes of a signal: an ordinary Observable, except that failures nobody handles are reported to the
 * signal instead of becoming uncaught exceptions of the process.
 *
 * It sits between the operators and the last subscriber only; operators among themselves talk as RxJS has it.
 */
import { Observable, Subscriber, type Observer, type Operator, type Subscription } from 'rxjs';

export type Report = (error: unknown) => void;

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
    return super.subscribe({
      next: (event) => guard(() => observer.next?.(event), report),
      error: (failure: unknown) => (observer.error ? guard(() => observer.error!(failure), report) : report(failure)),
      complete: () => guard(() => observer.complete?.(), report),
    });
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
export function watch(result: unknown, report: Report): void {
  if (result instanceof Promise) result.catch(report);
}
