/** Longer timers fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** Lets one holder in at a time; the others queue, first come, first served. */
export class Lock {
  #held = false;
  readonly #queue = new Set<() => void>();

  /** Gives true once the lock is held, or false when that takes longer than `limitMs`. */
  async acquire(limitMs: number): Promise<boolean> {
    if (!this.#held) return (this.#held = true);
    return new Promise((resolve) => {
      const enter = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      const giveUp = (): void => {
        this.#queue.delete(enter);
        resolve(false);
      };
      const timer = setTimeout(giveUp, Math.min(limitMs, longestTimerMs));
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
