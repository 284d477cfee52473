/** The longest time that a timer can count. */
const longestMs = 2 ** 31 - 1;

/** Wakes one waiter. A ring without a waiter is kept for the next one. */
export class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves to `true` at the next ring, to `false` after the time or when `abort` fires. */
  async rung(withinMs: number, abort?: AbortSignal): Promise<boolean> {
    if (!this.#rung && abort?.aborted !== true) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(wake, Math.min(withinMs, longestMs));
        function wake(): void {
          clearTimeout(timer);
          abort?.removeEventListener('abort', wake);
          resolve();
        }
        abort?.addEventListener('abort', wake);
        this.#wake = wake;
      });
      this.#wake = undefined;
    }
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }
}
