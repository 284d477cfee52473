/** A subscription to a signal with plain functions; what they throw is caught by the signal, which knows its own name. */
import { Subscription } from './rxjs.ts';

/** Who subscribed to a signal: operators bring a `Subscriber` of their own, everyone else gets a {@link Listener}. */
export interface Sink {
  readonly closed: boolean;
  complete(): void;
}

export class Listener extends Subscription implements Sink {
  #completed: (() => void) | null | undefined;

  constructor(completed: (() => void) | null | undefined) {
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
