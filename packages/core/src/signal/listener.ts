/** A subscription to a signal with plain functions. The signal catches the functions' errors and reports them. */
import { Subscription } from './rxjs.ts';

/** A subscriber of a signal: the `Subscriber` of an operator, or a {@link Listener}. */
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
