/** Keeps a lively page from filling mail boxes. */
import { asyncScheduler, Observable, type MonoTypeOperatorFunction, type SchedulerLike, type Subscription } from 'rxjs';
import type { PageChanged } from './detector.ts';

/**
 * Lets the first change of a page through at once; those that follow within the window become one, which comes when
 * the window ends, or at once when the source completes. A page that is back where it was when the window ends is no
 * change. The source is that of one page.
 */
export function throttleChanges(
  windowMs: number,
  scheduler: SchedulerLike = asyncScheduler,
): MonoTypeOperatorFunction<PageChanged> {
  return (source) =>
    new Observable((subscriber) => {
      let held: PageChanged | undefined;
      let window: Subscription | undefined;

      const emit = (change: PageChanged): void => {
        window = scheduler.schedule(endWindow, windowMs);
        subscriber.add(window);
        subscriber.next(change);
      };
      const release = (): PageChanged | undefined => {
        const change = held;
        held = undefined;
        return change && change.before !== change.after ? change : undefined;
      };
      const endWindow = (): void => {
        if (window) subscriber.remove(window);
        window = undefined;
        const change = release();
        if (change) emit(change);
      };

      subscriber.add(
        source.subscribe({
          next(change) {
            if (window === undefined) emit(change);
            else held = held ? { ...change, before: held.before, count: held.count + change.count } : change;
          },
          error: (error: unknown) => subscriber.error(error),
          complete() {
            const change = release();
            if (change) subscriber.next(change);
            subscriber.complete();
          },
        }),
      );
    });
}
