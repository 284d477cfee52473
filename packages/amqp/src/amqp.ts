/** The resources of an AMQP broker. */
import { randomUUID } from 'node:crypto';
import { providedBy } from '@asphalt/core';
import type { Deliveries } from '@asphalt/core/deliveries';
import { deliveries, late, Link, within, type Delivery, type Serializer } from '@asphalt/integration';
import type { AsyncMessage, Connection, Envelope } from 'rabbitmq-client';
import { AmqpUnroutableError } from './errors.ts';
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
   * @throws {@link AmqpUnroutableError} when no queue receives the message, unless `mandatory` of the envelope is false
   */
  async send(to: string | Envelope, value: unknown): Promise<void> {
    const { calls, owner, returned } = this.#session;
    const envelope = typeof to === 'string' ? { routingKey: to } : to;
    const isWritten = typeof value === 'string' || Buffer.isBuffer(value);
    const { mediaType: contentType } = this.#serializer;
    const body = isWritten ? value : Buffer.from(this.#serializer.serialize(value));
    const { messageId = randomUUID() } = envelope;
    const message = { durable: true, mandatory: true, ...(!isWritten && { contentType }), ...envelope, messageId };
    const sent = calls.run(() => this.#session.publisher.send(message, body));
    const { timeout } = owner.config;
    if ((await within(timeout, sent)) === late) throw new Error(`the broker has not confirmed within ${timeout} ms`);
    // The driver reports a returned message in the next turn.
    if (message.mandatory) await new Promise(setImmediate);
    if (returned.delete(messageId)) throw new AmqpUnroutableError(message.exchange ?? '', message.routingKey ?? '');
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
  readonly #publisher: AmqpPublisher;
  readonly #serializer: Serializer;
  readonly #queues = new Map<string, Deliveries<Delivery<unknown>>>();

  /** @internal */
  constructor(session: AmqpSession, publisher: AmqpPublisher, serializer: Serializer) {
    this.#session = session;
    this.#publisher = publisher;
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
    let source = this.#queues.get(name);
    if (!source) {
      const { config, logger } = this.#session.owner;
      const { deadLetter = config.queues[name]?.deadLetter } = options;
      const publishDead = ({ messageId, contentType, headers, body }: AsyncMessage, reason: object): Promise<void> => {
        const properties = { ...(messageId && { messageId }), ...(contentType && { contentType }) };
        return this.#publisher.send(
          { ...properties, routingKey: deadLetter!, headers: { ...headers, ...reason } },
          body,
        );
      };
      const bury = deadLetter === undefined ? undefined : publishDead;
      const consumer = new QueueConsumer<unknown>(this.#session, name, this.#serializer, bury);
      source = deliveries(consumer, { ...options, name, logger });
      this.#queues.set(name, source);
    }
    return source as Deliveries<Delivery<T>>;
  }
}
