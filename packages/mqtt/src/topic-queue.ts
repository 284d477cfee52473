/** The messages of a topic as a client for the deliveries of the kit. The broker stores them until they are acknowledged. */
import { randomUUID } from 'node:crypto';
import { Backlog, type PushClient, type Retry, type Serializer } from '@asphalt/integration';
import { MqttMessage } from './message.ts';
import type { Incoming } from './session.ts';

interface Waiting<T> {
  readonly incoming: Incoming;
  readonly message: MqttMessage<T>;
  readonly id: string;
  attempt: number;
}

export class TopicQueue<T> implements PushClient<Waiting<T>, T> {
  readonly #backlog = new Backlog<Waiting<T>>(({ incoming }) => incoming.isLost());
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
    this.#backlog.push({ incoming, message, id: message.headers['id'] ?? randomUUID(), attempt: 1 });
  }

  /** Messages that arrive after the end of a consumption wait for the next one. */
  subscribe(settle: (waiting: Waiting<T>) => Promise<void>, concurrency: number): () => Promise<void> {
    if (!this.#isSubscribed) this.start();
    this.#isSubscribed = true;
    const end = this.#backlog.start(settle, concurrency);
    return async () => end();
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

  async retry(waiting: Waiting<T>, { delayMs, counts }: Retry): Promise<void> {
    if (counts) waiting.attempt++;
    this.#backlog.delay(waiting, delayMs);
  }

  async bury(waiting: Waiting<T>, error: unknown): Promise<void> {
    await this.publishDead(waiting.message, error);
    await this.acknowledge(waiting);
  }
}
