/**
 * Whether the work in a context should end, and why. A context creates one when its signal is first read, when it is
 * cancelled, or when a context below reads its signal. Most contexts never do, and an `AbortController` takes
 * microseconds.
 *
 * Cancelling aborts the signals of all contexts below. Closing aborts the context's own signal only: a task below runs
 * until its place in the teardown order.
 */
export class Cancellation {
  readonly #above: Cancellation | undefined;
  /** What is cancelled together with this one. */
  readonly #below = new Set<Cancellation>();
  #controller: AbortController | undefined;
  #aborted: { readonly reason: unknown } | undefined;
  #cancelled: { readonly reason: unknown } | undefined;

  /** @param above - cancels this one together with itself */
  constructor(above: Cancellation | undefined) {
    this.#above = above;
    if (!above) return;
    this.#aborted = this.#cancelled = above.#cancelled;
    if (!this.#cancelled) above.#below.add(this);
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  /** Aborts the signal. Only the first reason counts. */
  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = { reason };
    this.#controller?.abort(reason);
  }

  /** Aborts the signal and those below. */
  cancel(reason: unknown): void {
    if (this.#cancelled) return;
    this.#cancelled = { reason };
    this.detach();
    this.abort(reason);
    for (const each of this.#below) each.cancel(reason);
  }

  /** Stops following the one above, which may live much longer. */
  detach(): void {
    if (this.#above) this.#above.#below.delete(this);
  }
}
