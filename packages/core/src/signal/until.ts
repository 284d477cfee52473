/** The operator that ends subscriptions with something else, such as a context. */
import type { MonoTypeOperatorFunction, Observable, Operator } from 'rxjs';
import type { Subscriber } from './rxjs.ts';

/**
 * An operator whose subscriptions complete when the end comes. Where it has come already they complete at once.
 *
 * @param onEnd - is given what has to be called then; @returns what to call when that is not wanted any more, undefined
 * where the end has come
 */
export function until<T>(onEnd: (end: () => void) => (() => void) | undefined): MonoTypeOperatorFunction<T> {
  const operator: Operator<T, T> = {
    call(subscriber: Subscriber<T>, source: Observable<T>) {
      const forget = onEnd(() => subscriber.complete());
      if (!forget) {
        subscriber.complete();
        return;
      }
      subscriber.add(forget);
      return source.subscribe(subscriber);
    },
  };
  // As the operators of RxJS do it, so that what a signal makes of itself is kept.
  return (source) => source.lift(operator);
}
