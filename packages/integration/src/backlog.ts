/**
 * Messages that wait in this process for their handler, for brokers that cannot return a message with a delay. They stay
 * unacknowledged, so the broker delivers them again if the process ends. It must not know any broker.
 */
import { callAfter } from '@asphalt/core';
import type { Delivery } from './delivery.ts';
import type { PushClient, Retry } from './deliveries.ts';

/** Extend it with the operations of a broker. Its messages count their attempts themselves. */
export abstract class Backlog<Message extends { attempt: number }, T> implements PushClient<Message, T> {
  #waiting: Message[] = [];
  /** For each message that waits for a retry: the function that cancels it. */
  readonly #delayed = new Map<Message, () => void>();
  #settle: ((message: Message) => Promise<void>) | undefined;
  #free = 0;

  /** Returns whether the broker delivers a message again, because its connection is closed. */
  protected abstract isLost(message: Message): boolean;

  abstract describe(message: Message): Omit<Delivery<T>, 'value'>;

  abstract read(message: Message): T | Promise<T>;

  abstract acknowledge(message: Message): Promise<unknown>;

  abstract bury(message: Message, error: unknown, headers: Readonly<Record<string, string>>): Promise<unknown>;

  /** Passes messages to a handler until the returned function is called. Further ones then wait for the next handler. */
  subscribe(settle: (message: Message) => Promise<void>, concurrency: number): () => Promise<unknown> {
    this.#settle = settle;
    this.#free = concurrency;
    this.#next();
    return async () => {
      this.#settle = undefined;
    };
  }

  /** Adds a message that has arrived. */
  push(message: Message): void {
    this.#waiting.push(message);
    this.#next();
  }

  /** Adds a message again after a delay. */
  async retry(message: Message, { delayMs, counts }: Retry): Promise<void> {
    if (counts) message.attempt++;
    const cancel = callAfter(delayMs, () => {
      this.#delayed.delete(message);
      this.push(message);
    });
    this.#delayed.set(message, cancel);
  }

  /** Removes all messages that wait, also those that wait for a retry, and returns them. */
  protected take(): Message[] {
    const taken = [...this.#waiting, ...this.#delayed.keys()];
    for (const cancel of this.#delayed.values()) cancel();
    this.#delayed.clear();
    this.#waiting = [];
    return taken.filter((message) => !this.isLost(message));
  }

  #next(): void {
    while (this.#settle && this.#free > 0 && this.#waiting.length > 0) {
      const message = this.#waiting.shift()!;
      if (this.isLost(message)) continue;
      this.#free--;
      void this.#settle(message).then(() => {
        this.#free++;
        this.#next();
      });
    }
  }
}
