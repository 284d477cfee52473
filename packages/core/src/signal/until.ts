/** The operator that ends subscriptions with something else, such as a context. */
import type { MonoTypeOperatorFunction, Observable, Operator } from 'rxjs';
import type { Subscriber } from './rxjs.ts';

/**
 * An operator whose subscriptions complete when the end comes. Where it has come already they complete at once.
 *
 * @param onEnd - is given what has to be called then
 */
export function until<T>(onEnd: (end: () => void) => void): MonoTypeOperatorFunction<T> {
  const open = new Set<Subscriber<T>>();
  let hasEnded = false;
  onEnd(() => {
    hasEnded = true;
    for (const subscriber of open) subscriber.complete();
  });
  const operator: Operator<T, T> = {
    call(subscriber: Subscriber<T>, source: Observable<T>) {
      if (hasEnded) {
        subscriber.complete();
        return;
      }
      open.add(subscriber);
      subscriber.add(() => open.delete(subscriber));
      return source.subscribe(subscriber);
    },
  };
  // As the operators of RxJS do it, so that what a signal makes of itself is kept.
  return (source) => source.lift(operator);
}
