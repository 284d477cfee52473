/** The messages of a topic as a client for the deliveries of the kit. The broker stores them until they are acknowledged. */
import { randomUUID } from 'node:crypto';
import { Backlog, type Serializer } from '@asphalt/integration';
import { MqttMessage } from './message.ts';
import type { Incoming, MqttSession } from './session.ts';

interface Waiting<T> {
  readonly incoming: Incoming;
  readonly message: MqttMessage<T>;
  readonly id: string;
  attempt: number;
}

export class TopicQueue<T> extends Backlog<Waiting<T>, T> {
  #isSubscribed = false;

  /** @param publishDead - publishes a dead letter */
  constructor(
    readonly session: MqttSession,
    readonly filter: string,
    readonly publishDead: (message: MqttMessage<T>, headers: Readonly<Record<string, string>>) => Promise<unknown>,
    readonly serializer: Serializer,
  ) {
    super();
  }

  /** Messages that arrive after the end of a consumption wait for the next one. */
  override subscribe(settle: (waiting: Waiting<T>) => Promise<void>, concurrency: number): () => Promise<unknown> {
    const { session, filter, serializer } = this;
    const receive = (incoming: Incoming): void => {
      const message = new MqttMessage<T>(incoming.packet, serializer);
      this.push({ incoming, message, id: message.headers['id'] ?? randomUUID(), attempt: 1 });
    };
    const refused = (error: Error): void =>
      session.owner.logger.error(`Cannot subscribe to ${filter}: ${error.message}`);
    if (!this.#isSubscribed) session.subscribe(filter, 1, receive).catch(refused);
    this.#isSubscribed = true;
    return super.subscribe(settle, concurrency);
  }

  protected override isLost({ incoming }: Waiting<T>): boolean {
    return incoming.isLost();
  }

  override describe({ id, attempt, message: { topic, headers } }: Waiting<T>) {
    return { id, attempt, headers, topic };
  }

  override read({ message }: Waiting<T>): T {
    return message.value;
  }

  override acknowledge({ incoming }: Waiting<T>): Promise<void> {
    return incoming.acknowledge();
  }

  override async bury(waiting: Waiting<T>, _error: unknown, reason: Readonly<Record<string, string>>): Promise<void> {
    await this.publishDead(waiting.message, reason);
    await this.acknowledge(waiting);
  }
}
