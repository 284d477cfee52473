/** How late the timer of an event loop is at worst, in milliseconds, from now until {@link TimerDelay.stop}. */
export class TimerDelay {
  readonly #everyMs: number;
  readonly #timer: NodeJS.Timeout;
  #due: number;
  #worstMs = 0;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
    this.#due = performance.now() + everyMs;
    this.#timer = setInterval(() => this.#tick(), everyMs);
  }

  stop(): number {
    clearInterval(this.#timer);
    // The timer may be due since long, and not have had its turn.
    this.#tick();
    return this.#worstMs;
  }

  #tick(): void {
    const now = performance.now();
    this.#worstMs = Math.max(this.#worstMs, now - this.#due);
    this.#due = now + this.#everyMs;
  }
}
