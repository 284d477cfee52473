/** What subscribes to a signal: the arguments of `subscribe`, and the subscription with plain functions. */
import type { Observer } from 'rxjs';
import { Subscription } from './rxjs.ts';

/** The functions that a subscriber passes to `subscribe`. */
export interface Callbacks<T> {
  readonly next: ((event: T) => unknown) | undefined;
  readonly error: ((error: unknown) => unknown) | undefined;
  readonly complete: (() => unknown) | undefined;
}

type Maybe<F> = F | null | undefined;

/** Unpacks the arguments of `subscribe`. The methods of an observer are looked up for each event, as RxJS does. */
export function callbacksOf<T>(
  target: Partial<Observer<T>> | Maybe<(event: T) => void>,
  error: Maybe<(error: unknown) => void>,
  complete: Maybe<() => void>,
): Callbacks<T> {
  if (typeof target !== 'object' || target === null) {
    return { next: target ?? undefined, error: error ?? undefined, complete: complete ?? undefined };
  }
  const next = (event: T): unknown => target.next?.(event);
  // Reports name the function that the observer has now.
  const { name = '' } = target.next ?? {};
  if (name !== 'next') Object.defineProperty(next, 'name', { value: name });
  return {
    next,
    error: target.error && ((failure) => target.error?.(failure)),
    complete: () => target.complete?.(),
  };
}

/** A subscriber in the list of a signal: the `Subscriber` of an operator, or a {@link Listener}. */
export interface Sink {
  readonly closed: boolean;
  complete(): void;
}

/** A subscription with plain functions. The signal catches the functions' errors and reports them. */
export class Listener extends Subscription implements Sink {
  #completed: (() => unknown) | undefined;

  constructor(completed: (() => unknown) | undefined) {
    super();
    this.#completed = completed;
  }

  complete(): void {
    const completed = this.#completed;
    this.unsubscribe();
    completed?.();
  }

  override unsubscribe(): void {
    this.#completed = undefined;
    super.unsubscribe();
  }
}
