import type { Observable } from 'rxjs';

/** The events of a stream or socket: a signal, another Observable, or a function that selects one for a request. */
export type LiveSource<T, C> = Observable<T> | ((c: C) => Observable<T> | Promise<Observable<T>>);

export function sourceFor<T, C>(source: LiveSource<T, C>, c: C): Observable<T> | Promise<Observable<T>> {
  return typeof source === 'function' ? source(c) : source;
}

/** Returns an event as JSON; an event without a value is an empty text. */
export function toJson(event: unknown): string {
  // The return type of the platform's function omits `undefined`.
  return (JSON.stringify(event) as string | undefined) ?? '';
}
