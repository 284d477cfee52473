/**
 * Messages in memory: those that are ready, that wait for a time, that a handler has received, and dead letters. A subclass
 * decides when a message is ready.
 */
import { callAfter } from '@asphalt/core';
import type { Retry } from '@asphalt/integration';
import type { Claimed, DeadEnvelope, Envelope, Failure, MessageStore, QueueState } from '../engine/engine.ts';

export class MemoryMessage implements Claimed {
  readonly envelope: Envelope;
  /** The key of a topic, whose messages stay in order. */
  readonly key: string | undefined;
  attempt = 1;
  /** The time since which it is ready. */
  since = Date.now();

  constructor(envelope: Envelope, key?: string) {
    this.envelope = envelope;
    this.key = key;
  }

  get id(): string {
    return this.envelope.id;
  }

  get payload(): Uint8Array {
    return this.envelope.payload;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.envelope.headers;
  }
}

export class MemoryStore implements MessageStore<MemoryMessage> {
  /** Sets keep their order, and remove the first item in constant time. */
  readonly #ready = new Set<MemoryMessage>();
  readonly #delayed = new Map<MemoryMessage, () => void>();
  readonly #running = new Set<MemoryMessage>();
  readonly #dead = new Map<string, { readonly message: MemoryMessage; readonly letter: DeadEnvelope }>();
  readonly #waiting = new Set<() => void>();
  readonly #exclusive: boolean;

  constructor(exclusive = false) {
    this.#exclusive = exclusive;
  }

  /** Adds a message, which is ready after a delay. */
  protected add(message: MemoryMessage, delayMs: number): void {
    if (delayMs <= 0) return this.#makeReady(message);
    const cancel = callAfter(delayMs, () => {
      this.#delayed.delete(message);
      this.#makeReady(message);
    });
    this.#delayed.set(message, cancel);
  }

  /** Called when a message has left the store, or has become a dead letter. */
  protected ended(_message: MemoryMessage): void {}

  async fetch(count: number, abort: AbortSignal): Promise<readonly MemoryMessage[]> {
    while (!this.#canClaim && !abort.aborted) await this.#arrival(abort);
    const claimed: MemoryMessage[] = [];
    for (const message of this.#ready) {
      if (abort.aborted || claimed.length === count || !this.#canClaim) break;
      this.#ready.delete(message);
      this.#running.add(message);
      claimed.push(message);
    }
    // Another consumer may take the rest, or the message whose arrival this one was woken for.
    if (this.#canClaim) this.#wake();
    return claimed;
  }

  async acknowledge(message: MemoryMessage): Promise<void> {
    this.#end(message);
    this.ended(message);
  }

  async retry(message: MemoryMessage, { delayMs, counts }: Retry): Promise<void> {
    this.#end(message);
    if (counts) message.attempt++;
    this.add(message, delayMs);
  }

  async bury(message: MemoryMessage, failure: Failure): Promise<void> {
    this.#end(message);
    const { envelope, attempt: attempts } = message;
    this.#dead.set(message.id, { message, letter: { ...envelope, ...failure, attempts, failedAt: new Date() } });
    this.ended(message);
  }

  async state(): Promise<QueueState> {
    const [oldest] = this.#ready;
    return {
      ready: this.#ready.size,
      delayed: this.#delayed.size,
      running: this.#running.size,
      dead: this.#dead.size,
      oldestMs: oldest && Date.now() - oldest.since,
    };
  }

  async deadLetters(limit: number): Promise<readonly DeadEnvelope[]> {
    return [...this.#dead.values()].slice(0, limit).map(({ letter }) => letter);
  }

  async revive(ids: readonly string[] = [...this.#dead.keys()]): Promise<number> {
    let revived = 0;
    for (const id of ids) {
      const found = this.#dead.get(id);
      if (!found) continue;
      this.#dead.delete(id);
      this.enter(new MemoryMessage(found.message.envelope, found.message.key));
      revived++;
    }
    return revived;
  }

  /** Adds a message that a sender or a dead letter has created. */
  protected enter(message: MemoryMessage): void {
    this.add(message, 0);
  }

  close(): void {
    for (const cancel of this.#delayed.values()) cancel();
  }

  get #canClaim(): boolean {
    return this.#ready.size > 0 && !(this.#exclusive && this.#running.size > 0);
  }

  #makeReady(message: MemoryMessage): void {
    message.since = Date.now();
    this.#ready.add(message);
    this.#wake();
  }

  #end(message: MemoryMessage): void {
    this.#running.delete(message);
    if (this.#exclusive) this.#wake();
  }

  #wake(): void {
    const [wake] = this.#waiting;
    if (wake === undefined) return;
    this.#waiting.delete(wake);
    wake();
  }

  /** Resolves when a message may be ready. */
  async #arrival(abort: AbortSignal): Promise<void> {
    let wake!: () => void;
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    this.#waiting.add(wake);
    abort.addEventListener('abort', wake, { once: true });
    await woken;
    abort.removeEventListener('abort', wake);
    this.#waiting.delete(wake);
  }
}
