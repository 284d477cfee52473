import { callAfter } from '@asphalt/core';

/** Wakes a waiting task. A ring without a waiting task wakes the next one immediately. */
export class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves with `true` at the next ring, or with `false` after the time limit or when `abort` fires. */
  async rung(withinMs: number, abort?: AbortSignal): Promise<boolean> {
    if (!this.#rung && abort?.aborted !== true) {
      await new Promise<void>((resolve) => {
        const cancel = callAfter(withinMs, wake);
        function wake(): void {
          cancel();
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
