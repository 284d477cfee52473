import type { Envelope, QueueStore, Sending, StoreSettings } from '../engine/engine.ts';
import { MemoryMessage, MemoryStore } from './memory-store.ts';

/** A queue in memory. */
export class MemoryQueue extends MemoryStore implements QueueStore<MemoryMessage> {
  readonly #keepMs: number;
  /** The keys of messages that are not settled, or were sent less than `keep` ago, with the time until which they count. */
  readonly #keys = new Map<string, number>();
  readonly #unsettled = new Map<MemoryMessage, string>();
  readonly #open = new Set<string>();

  constructor({ keepMs, exclusive }: Pick<StoreSettings, 'keepMs' | 'exclusive'>) {
    super(exclusive);
    this.#keepMs = keepMs;
  }

  async send(envelope: Envelope, { delayMs, key }: Sending): Promise<void> {
    const message = new MemoryMessage(envelope);
    if (key !== undefined) {
      this.#forgetKeys();
      if (this.#open.has(key) || this.#keys.has(key)) return;
      this.#keys.set(key, Date.now() + this.#keepMs);
      this.#open.add(key);
      this.#unsettled.set(message, key);
    }
    this.add(message, delayMs);
  }

  protected override ended(message: MemoryMessage): void {
    const key = this.#unsettled.get(message);
    if (key === undefined) return;
    this.#unsettled.delete(message);
    this.#open.delete(key);
  }

  /** Forgets the keys whose time is over. They expire in the order in which they were sent. */
  #forgetKeys(): void {
    for (const [key, until] of this.#keys) {
      if (until > Date.now()) return;
      this.#keys.delete(key);
    }
  }
}
