/**
 * Messages that wait in this process for their handler, for brokers that cannot return a message with a delay. They stay
 * unacknowledged, so the broker delivers them again if the process ends. It must not know any broker.
 */
import { callAfter } from '@asphalt/core';

export class Backlog<Message> {
  readonly #isLost: (message: Message) => boolean;
  #waiting: Message[] = [];
  /** For each message that waits for a retry: the function that cancels it. */
  readonly #delayed = new Map<Message, () => void>();
  #settle: ((message: Message) => Promise<void>) | undefined;
  #free = 0;

  /** @param isLost - whether the broker delivers a message again, because its connection is closed */
  constructor(isLost: (message: Message) => boolean) {
    this.#isLost = isLost;
  }

  /** Adds a message that has arrived. */
  push(message: Message): void {
    this.#waiting.push(message);
    this.#next();
  }

  /** Adds a message again after a delay. */
  delay(message: Message, delayMs: number): void {
    const cancel = callAfter(delayMs, () => {
      this.#delayed.delete(message);
      this.push(message);
    });
    this.#delayed.set(message, cancel);
  }

  /**
   * Passes messages to a function that settles them. Its promise never rejects.
   *
   * @returns a function that stops this; messages then wait for the next call
   */
  start(settle: (message: Message) => Promise<void>, concurrency: number): () => void {
    this.#settle = settle;
    this.#free = concurrency;
    this.#next();
    return () => {
      this.#settle = undefined;
    };
  }

  /** Removes all messages that wait, also those that wait for a retry, and returns them. */
  take(): Message[] {
    const taken = [...this.#waiting, ...this.#delayed.keys()];
    for (const cancel of this.#delayed.values()) cancel();
    this.#delayed.clear();
    this.#waiting = [];
    return taken.filter((message) => !this.#isLost(message));
  }

  #next(): void {
    while (this.#settle && this.#free > 0 && this.#waiting.length > 0) {
      const message = this.#waiting.shift()!;
      if (this.#isLost(message)) continue;
      this.#free--;
      void this.#settle(message).then(() => {
        this.#free++;
        this.#next();
      });
    }
  }
}
