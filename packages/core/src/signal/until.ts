/** An operator that ends subscriptions together with another object, such as a context. */
import type { MonoTypeOperatorFunction, Observable, Operator } from 'rxjs';
import type { Subscriber } from './rxjs.ts';

/**
 * Returns an operator whose subscriptions complete when the end is reached, or immediately if it was reached before.
 *
 * @param onEnd - registers a callback for the end; returns a function that removes the callback, or undefined if the
 * end was reached before
 */
export function until<T>(onEnd: (end: () => void) => (() => void) | undefined): MonoTypeOperatorFunction<T> {
  const operator: Operator<T, T> = {
    call(subscriber: Subscriber<T>, source: Observable<T>) {
      const remove = onEnd(() => subscriber.complete());
      if (!remove) {
        subscriber.complete();
        return;
      }
      subscriber.add(remove);
      return source.subscribe(subscriber);
    },
  };
  // Uses `lift` like RxJS operators, so that `Signal#lift` still creates a `Derived`.
  return (source) => source.lift(operator);
}
