/** Time that passes only when nobody can go on without it, so that what takes how long is exact, and takes no time. */
export class VirtualClock {
  now = 0;
  readonly #waiting: Array<{ readonly at: number; readonly wake: () => void }> = [];

  delay(milliseconds: number): Promise<void> {
    return new Promise((wake) => this.#waiting.push({ at: this.now + milliseconds, wake }));
  }

  /** Lets time pass until a promise settles; gives the time that it took. */
  async timeOf(begin: () => Promise<unknown>): Promise<number> {
    const begun = this.now;
    let isSettled = false;
    const settle = (): void => void (isSettled = true);
    const result = begin();
    result.then(settle, settle);
    for (;;) {
      // All promises that can settle now have settled when the event loop has gone round.
      await new Promise((resolve) => setImmediate(resolve));
      if (isSettled) break;
      if (this.#waiting.length === 0) throw new Error('nobody waits for time to pass, and nothing ends');
      this.now = Math.min(...this.#waiting.map(({ at }) => at));
      const late = this.#waiting.splice(0);
      for (const entry of late) {
        if (entry.at <= this.now) entry.wake();
        else this.#waiting.push(entry);
      }
    }
    await result;
    return this.now - begun;
  }
}
