/** Variants of `Signal#stream` and `Signal#wait` for several signals. */
import { Observable, type Subscriber } from './rxjs.ts';
import { owned } from './scope.ts';
import type { Signal } from './signal.ts';
import { EventStream, type StreamOptions, type Subscribable } from './stream.ts';
import { firstEvent, type WaitOptions } from './wait.ts';

type EventOf<S> = S extends Signal<infer E> ? E : never;

/** Streams the events of several signals in the order of their dispatch. Ends when all signals have completed. */
export function streamEvents<S extends Signal<unknown>>(
  signals: readonly S[],
  options?: StreamOptions<EventOf<S>>,
): EventStream<EventOf<S>> {
  return new EventStream(merged(signals), options, () => signals.join(' and '));
}

/**
 * Resolves with the next event of any of these signals that the filter accepts.
 *
 * @throws the abort reason when `abort` aborts first, or {@link SignalCompletedError} when all signals complete.
 */
export function waitEvent<S extends Signal<unknown>>(
  signals: readonly S[],
  filter?: (event: EventOf<S>) => boolean,
  options?: WaitOptions,
): Promise<EventOf<S>> {
  return firstEvent(merged(signals), filter, options);
}

function merged<S extends Signal<unknown>>(signals: readonly S[]): Subscribable<EventOf<S>> {
  const all = new Observable<EventOf<S>>((subscriber) => {
    let open = signals.length;
    const complete = (): void => {
      if (--open === 0) subscriber.complete();
    };
    if (open === 0) subscriber.complete();
    for (const signal of signals as ReadonlyArray<Signal<EventOf<S>>>) {
      subscriber.add(signal.subscribe({ next: (event) => subscriber.next(event), complete }));
    }
  });
  // RxJS returns a `Subscriber` when `subscribe` is called with an observer.
  return { subscribe: (observer) => owned(all.subscribe(observer) as Subscriber<EventOf<S>>) };
}
