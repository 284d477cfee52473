/** A clock that advances only when all code waits for it, so that tests measure exact durations without real delays. */
export class VirtualClock {
  now = 0;
  readonly #waiting: Array<{ readonly at: number; readonly wake: () => void }> = [];

  delay(milliseconds: number): Promise<void> {
    return new Promise((wake) => this.#waiting.push({ at: this.now + milliseconds, wake }));
  }

  /** Advances the time until the promise of `action` settles; returns the duration. */
  async timeOf(action: () => Promise<unknown>): Promise<number> {
    const start = this.now;
    let isSettled = false;
    const settle = (): void => void (isSettled = true);
    const result = action();
    result.then(settle, settle);
    for (;;) {
      // After one turn of the event loop, all promises that can settle now have settled.
      await new Promise((resolve) => setImmediate(resolve));
      if (isSettled) break;
      if (this.#waiting.length === 0) throw new Error('no code waits for the clock, and the promise does not settle');
      this.now = Math.min(...this.#waiting.map(({ at }) => at));
      const late = this.#waiting.splice(0);
      for (const entry of late) {
        if (entry.at <= this.now) entry.wake();
        else this.#waiting.push(entry);
      }
    }
    await result;
    return this.now - start;
  }
}
