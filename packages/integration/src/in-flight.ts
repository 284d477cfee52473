/** Counts running calls, for clients that cannot wait for them when they close. */
export class InFlight {
  readonly #calls = new Set<Promise<unknown>>();

  get count(): number {
    return this.#calls.size;
  }

  /** Runs a call and counts it until it settles. */
  async run<T>(call: () => T | PromiseLike<T>): Promise<T> {
    const running = (async () => call())();
    this.#calls.add(running);
    try {
      return await running;
    } finally {
      this.#calls.delete(running);
    }
  }

  /** Resolves when fewer than `limit` calls are running. */
  async below(limit: number): Promise<void> {
    while (this.count >= limit) await Promise.allSettled([Promise.race(this.#calls)]);
  }

  /** Resolves when no call is running. */
  idle(): Promise<void> {
    return this.below(1);
  }
}
