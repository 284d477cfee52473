/** The messages of a topic as a client for the deliveries of the kit. The broker stores them until they are acknowledged. */
import { randomUUID } from 'node:crypto';
import { callAfter } from '@asphalt/core';
import type { PushClient, Retry, Serializer } from '@asphalt/integration';
import { MqttMessage } from './message.ts';
import type { Incoming } from './session.ts';

interface Waiting<T> {
  readonly incoming: Incoming;
  readonly message: MqttMessage<T>;
  readonly id: string;
  attempt: number;
}

export class TopicQueue<T> implements PushClient<Waiting<T>, T> {
  readonly #waiting: Waiting<T>[] = [];
  #settle: ((waiting: Waiting<T>) => Promise<void>) | undefined;
  #free = 0;
  #isSubscribed = false;

  /**
   * @param start - subscribes; called before the first consumption
   * @param publishDead - publishes a dead letter
   */
  constructor(
    readonly start: () => void,
    readonly publishDead: (message: MqttMessage<T>, error: unknown) => Promise<unknown>,
    readonly serializer: Serializer,
  ) {}

  receive(incoming: Incoming): void {
    const message = new MqttMessage<T>(incoming.packet, this.serializer);
    this.#waiting.push({ incoming, message, id: message.headers['id'] ?? randomUUID(), attempt: 1 });
    this.#next();
  }

  /** Messages that arrive after the end of a consumption wait for the next one. */
  subscribe(settle: (waiting: Waiting<T>) => Promise<void>, concurrency: number): () => Promise<void> {
    this.#settle = settle;
    this.#free = concurrency;
    if (!this.#isSubscribed) this.start();
    this.#isSubscribed = true;
    this.#next();
    return async () => {
      this.#settle = undefined;
    };
  }

  describe({ id, attempt, message: { topic, headers } }: Waiting<T>) {
    return { id, attempt, headers, topic };
  }

  read({ message }: Waiting<T>): T {
    return message.value;
  }

  acknowledge({ incoming }: Waiting<T>): Promise<void> {
    return incoming.acknowledge();
  }

  /** MQTT cannot return a message, so it waits here. */
  async retry(waiting: Waiting<T>, { delayMs, counts }: Retry): Promise<void> {
    if (counts) waiting.attempt++;
    callAfter(delayMs, () => {
      this.#waiting.push(waiting);
      this.#next();
    });
  }

  async bury(waiting: Waiting<T>, error: unknown): Promise<void> {
    await this.publishDead(waiting.message, error);
    await this.acknowledge(waiting);
  }

  #next(): void {
    for (let waiting; this.#settle && this.#free > 0 && (waiting = this.#waiting.shift());) {
      // The broker delivers it again.
      if (waiting.incoming.isLost()) continue;
      this.#free--;
      void this.#settle(waiting).then(() => {
        this.#free++;
        this.#next();
      });
    }
  }
}
