import { setMaxListeners } from 'node:events';

/**
 * Records whether the work in a context should end, and why. A context creates one lazily: when its signal is read,
 * when it is cancelled, or when a child context creates one.
 *
 * Cancelling a context also aborts the signals of its descendants. Closing a context aborts only its own signal,
 * because its tasks run until their place in the teardown order.
 */
export class Cancellation {
  readonly #parent: Cancellation | undefined;
  readonly #children = new Set<Cancellation>();
  #controller: AbortController | undefined;
  #aborted: { readonly reason: unknown } | undefined;
  #cancelled: { readonly reason: unknown } | undefined;

  /** @param parent - cancels this one when it is cancelled itself */
  constructor(parent: Cancellation | undefined) {
    this.#parent = parent;
    if (!parent) return;
    this.#aborted = this.#cancelled = parent.#cancelled;
    if (!this.#cancelled) parent.#children.add(this);
  }

  get isCancelled(): boolean {
    return this.#cancelled !== undefined;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      // Any number of waits may listen to one signal.
      setMaxListeners(0, this.#controller.signal);
      if (this.#aborted) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  /** Aborts the signal. Does nothing if it is already aborted. */
  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = { reason };
    this.#controller?.abort(reason);
  }

  /** Aborts the signal and those of all descendants. Does nothing if this was cancelled before. */
  cancel(reason: unknown): void {
    if (this.#cancelled) return;
    this.#cancelled = { reason };
    this.detach();
    this.abort(reason);
    for (const child of this.#children) child.cancel(reason);
  }

  /** Removes this from its parent, which may live much longer. */
  detach(): void {
    if (this.#parent) this.#parent.#children.delete(this);
  }
}
