/** The resources of an AMQP broker. */
import { randomUUID } from 'node:crypto';
import { providedBy } from '@asphalt/core';
import type { Deliveries } from '@asphalt/core/deliveries';
import { Link, type Delivery, type Serializer } from '@asphalt/integration';
import type { Connection, Envelope } from 'rabbitmq-client';
import { QueueConsumer, type ConsumerOptions } from './queue-consumer.ts';
import type { AmqpSession } from './session.ts';

/** The state of the connection. */
@providedBy('AmqpComponent of @asphalt/amqp')
export class AmqpLink extends Link {}

/** Sends messages that the broker confirms. */
@providedBy('AmqpComponent of @asphalt/amqp')
export class AmqpPublisher {
  readonly #session: AmqpSession;
  readonly #serializer: Serializer;

  /** @internal */
  constructor(session: AmqpSession, serializer: Serializer) {
    this.#session = session;
    this.#serializer = serializer;
  }

  /**
   * Sends a message. Resolves when the broker has confirmed it. If the connection breaks before that, the message is sent again
   * with the same `messageId`.
   *
   * @param to - the name of a queue, or an envelope with `exchange` and `routingKey`
   * @param value - text and bytes are sent unchanged, other values are serialized
   * @throws an AmqpUnroutableError when no queue receives the message, unless `mandatory` of the envelope is false;
   * a NoReplyError when the broker does not confirm within `timeout`
   */
  async send(to: string | Envelope, value: unknown): Promise<void> {
    const envelope = typeof to === 'string' ? { routingKey: to } : to;
    const isWritten = typeof value === 'string' || Buffer.isBuffer(value);
    const { mediaType: contentType } = this.#serializer;
    const body = isWritten ? value : Buffer.from(this.#serializer.serialize(value));
    const message = { durable: true, mandatory: true, ...(!isWritten && { contentType }), ...envelope };
    await this.#session.publish({ ...message, messageId: envelope.messageId ?? randomUUID() }, body);
  }
}

/**
 * @example
 * @on(Amqp, (amqp) => amqp.queue<Mail>('mails'), { concurrency: 8 })
 * async send({ value }: Delivery<Mail>): Promise<void> { … }
 */
@providedBy('AmqpComponent of @asphalt/amqp')
export class Amqp {
  readonly #session: AmqpSession;
  readonly #serializer: Serializer;

  /** @internal */
  constructor(session: AmqpSession, serializer: Serializer) {
    this.#session = session;
    this.#serializer = serializer;
  }

  /**
   * The connection of `rabbitmq-client`. Its documentation applies.
   *
   * @throws an OfflineError during an outage
   */
  get client(): Connection {
    return this.#session.client;
  }

  /**
   * Returns the messages of a queue, for `@on`.
   *
   * @typeParam T - the type of the payloads
   */
  queue<T>(name: string, options: ConsumerOptions = {}): Deliveries<Delivery<T>> {
    const { deadLetter = this.#session.owner.config.queues[name]?.deadLetter } = options;
    const create = () => new QueueConsumer<unknown>(this.#session, name, this.#serializer, deadLetter);
    return this.#session.source(name, create, options);
  }
}
