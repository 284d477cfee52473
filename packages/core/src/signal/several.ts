/** Variants of `Signal#stream` and `Signal#wait` for several signals or other Observables. */
import { Observable, type Subscriber } from './rxjs.ts';
import { owned } from './scope.ts';
import { Signal } from './signal.ts';
import { EventStream, type StreamOptions, type Subscribable } from './stream.ts';
import { firstEvent, type WaitOptions } from './wait.ts';

type EventOf<S> = S extends Observable<infer E> ? E : never;

/**
 * Streams the events of several signals, or other Observables, in the order of their dispatch. Ends when all of them have
 * completed. Throws the error of one that fails.
 */
export function streamEvents<S extends Observable<unknown>>(
  sources: readonly S[],
  options?: StreamOptions<EventOf<S>>,
): EventStream<EventOf<S>> {
  return new EventStream(merged(sources), options, () => sources.map(describe).join(' and '));
}

/**
 * Resolves with the next event of any of these signals, or other Observables, that the filter accepts.
 *
 * @throws the abort reason when `abort` aborts first, or {@link SignalCompletedError} when all signals complete.
 */
export function waitEvent<S extends Observable<unknown>>(
  sources: readonly S[],
  filter?: (event: EventOf<S>) => boolean,
  options?: WaitOptions,
): Promise<EventOf<S>> {
  return firstEvent(merged(sources), filter, options);
}

function describe(source: Observable<unknown>): string {
  return source instanceof Signal ? source.toString() : 'an Observable';
}

function merged<S extends Observable<unknown>>(sources: readonly S[]): Subscribable<EventOf<S>> {
  const all = new Observable<EventOf<S>>((subscriber) => {
    let open = sources.length;
    const complete = (): void => {
      if (--open === 0) subscriber.complete();
    };
    if (open === 0) subscriber.complete();
    const next = (event: EventOf<S>): void => subscriber.next(event);
    const error = (thrown: unknown): void => subscriber.error(thrown);
    for (const source of sources as ReadonlyArray<Observable<EventOf<S>>>) {
      subscriber.add(source.subscribe({ next, error, complete }));
    }
  });
  // RxJS returns a `Subscriber` when `subscribe` is called with an observer.
  return { subscribe: (observer) => owned(all.subscribe(observer) as Subscriber<EventOf<S>>) };
}
