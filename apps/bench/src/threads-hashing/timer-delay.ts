/** Measures the largest delay of a timer, in milliseconds, from now until {@link TimerDelay.stop}. */
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
    // The timer may be overdue without having run.
    this.#tick();
    return this.#worstMs;
  }

  #tick(): void {
    const now = performance.now();
    this.#worstMs = Math.max(this.#worstMs, now - this.#due);
    this.#due = now + this.#everyMs;
  }
}
