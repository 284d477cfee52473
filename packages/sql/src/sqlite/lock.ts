import { callAfter } from '@asphalt/core';

/** A lock with one holder at a time. The others queue, first come, first served. */
export class Lock {
  #held = false;
  readonly #queue = new Set<() => void>();

  /** Resolves with true when the caller holds the lock, or with false if that takes longer than `limitMs`. */
  async acquire(limitMs: number): Promise<boolean> {
    if (!this.#held) return (this.#held = true);
    return new Promise((resolve) => {
      const enter = (): void => {
        cancel();
        resolve(true);
      };
      const abandon = (): void => {
        this.#queue.delete(enter);
        resolve(false);
      };
      const cancel = callAfter(limitMs, abandon);
      this.#queue.add(enter);
    });
  }

  release(): void {
    const [enter] = this.#queue;
    if (enter === undefined) {
      this.#held = false;
      return;
    }
    this.#queue.delete(enter);
    enter();
  }
}
