import type { LeaseStore } from '../engine/engine.ts';

/** A lease that the first holder keeps until it releases it: a process that crashes loses the lease's memory, too. */
export class MemoryLease implements LeaseStore {
  #last = 0;
  #isHeld = false;

  async acquire(): Promise<number | undefined> {
    if (this.#isHeld) return undefined;
    this.#isHeld = true;
    return ++this.#last;
  }

  async renew(token: number): Promise<boolean> {
    return this.#isHeld && token === this.#last;
  }

  async release(token: number): Promise<void> {
    if (token === this.#last) this.#isHeld = false;
  }
}
