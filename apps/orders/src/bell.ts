/** Wakes a waiting task. A ring without a waiting task wakes the next one at once. */
export class Bell {
  #isRung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  /** Resolves at the next ring, or when `abort` fires. */
  async rung(abort: AbortSignal): Promise<void> {
    if (!this.#isRung && !abort.aborted) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          abort.removeEventListener('abort', wake);
          resolve();
        };
        abort.addEventListener('abort', wake);
        this.#wake = wake;
      });
      this.#wake = undefined;
    }
    this.#isRung = false;
  }
}
