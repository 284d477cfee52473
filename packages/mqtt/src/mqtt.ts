/** The resources of an MQTT broker. */
import { providedBy } from '@asphalt/core';
import type { Deliveries } from '@asphalt/core/deliveries';
import {
  deadLetterHeaders,
  deliveries,
  late,
  Link,
  Topics,
  within,
  type DeliveryOptions,
  type Serializer,
} from '@asphalt/integration';
import type { MqttClient } from 'mqtt';
import type { Subscriber } from 'rxjs';
import { Observable } from 'rxjs/internal/Observable';
import { MqttMessage, type MqttDelivery } from './message.ts';
import type { MqttSession } from './session.ts';
import { TopicQueue } from './topic-queue.ts';

/** The state of the connection. */
@providedBy('MqttComponent of @asphalt/mqtt')
export class MqttLink extends Link {}

export interface PublishOptions {
  /** Whether the broker confirms the message. @default 1 */
  readonly qos?: 0 | 1 | 2;
  /** Whether the broker keeps the message for later subscribers. @default false */
  readonly retain?: boolean;
  /** User properties. The property `id` becomes the id of a delivery. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ConsumerOptions extends Pick<DeliveryOptions, 'attempts' | 'backOff'> {
  readonly qos: 1;
  /** The topic of dead letters. Without it, dead letters are lost. */
  readonly deadLetters?: string;
  /** The group of processes that share the messages. @default the option `sharedGroup` */
  readonly group?: string;
}

/**
 * @example
 * @on(Mqtt, (mqtt) => mqtt.topic<number>('rooms/+/temperature'))
 * show({ topic, value }: MqttMessage<number>): void { … }
 */
@providedBy('MqttComponent of @asphalt/mqtt')
export class Mqtt {
  readonly #session: MqttSession;
  readonly #serializer: Serializer;
  readonly #topics: Topics<MqttMessage<unknown>>;
  readonly #queues = new Map<string, Deliveries<MqttDelivery<unknown>>>();

  /** @internal */
  constructor(session: MqttSession, serializer: Serializer) {
    this.#session = session;
    this.#serializer = serializer;
    this.#topics = new Topics(session.link, (filter, deliver) =>
      session.subscribe(filter, 0, ({ packet }) => deliver(new MqttMessage(packet, serializer))),
    );
  }

  /**
   * The client of `mqtt`. Its documentation applies.
   *
   * @throws an OfflineError during an outage
   */
  get client(): MqttClient {
    return this.#session.client;
  }

  /**
   * Publishes a value. Resolves when the broker has confirmed it, or with QoS 0 when it was sent.
   *
   * @param value - text and bytes are sent unchanged, other values are serialized
   * @throws an OfflineError during an outage
   */
  async publish(topic: string, value: unknown, options: PublishOptions = {}): Promise<void> {
    const { qos = 1, retain = false, headers } = options;
    const { calls, owner } = this.#session;
    const isWritten = typeof value === 'string' || Buffer.isBuffer(value);
    const payload = isWritten ? value : Buffer.from(this.#serializer.serialize(value));
    const sent = calls.run(() => {
      // The driver writes a broken packet if the properties are empty.
      const hasHeaders = headers !== undefined && Object.keys(headers).length > 0;
      const properties = hasHeaders ? { properties: { userProperties: { ...headers } } } : {};
      return this.client.publishAsync(topic, payload, { qos, retain, ...properties });
    });
    const { timeout } = owner.config;
    if ((await within(timeout, sent)) === late) throw new Error(`the broker has not confirmed within ${timeout} ms`);
  }

  /** Returns the messages of topics. With QoS 1, they are acknowledged after they were handled. */
  topic<T>(filter: string, options?: { readonly qos: 0 }): Observable<MqttMessage<T>>;
  topic<T>(filter: string, options: ConsumerOptions): Deliveries<MqttDelivery<T>>;
  topic<T>(
    filter: string,
    options: { readonly qos: 0 } | ConsumerOptions = { qos: 0 },
  ): Observable<MqttMessage<T>> | Deliveries<MqttDelivery<T>> {
    if (options.qos === 1) return this.#consumer(filter, options) as Deliveries<MqttDelivery<T>>;
    return new Observable((subscriber: Subscriber<MqttMessage<T>>) =>
      this.#topics.observe(filter, subscriber as Subscriber<MqttMessage<unknown>>),
    );
  }

  #consumer(filter: string, options: ConsumerOptions): Deliveries<MqttDelivery<unknown>> {
    const { config, logger } = this.#session.owner;
    const { group = config.sharedGroup, deadLetters } = options;
    const name = group === undefined ? filter : `$share/${group}/${filter}`;
    const existing = this.#queues.get(name);
    if (existing) return existing;
    const queue = new TopicQueue<unknown>(
      () => {
        const refused = (error: Error): void => logger.error(`Cannot subscribe to ${name}: ${error.message}`);
        this.#session.subscribe(name, 1, (incoming) => queue.receive(incoming)).catch(refused);
      },
      async ({ payload, headers }, error) => {
        if (deadLetters === undefined) return;
        await this.publish(deadLetters, payload, { headers: { ...headers, ...deadLetterHeaders(error) } });
      },
      this.#serializer,
    );
    // The queue describes a delivery with its topic.
    const source = deliveries(queue, { ...options, name, logger }) as Deliveries<MqttDelivery<unknown>>;
    this.#queues.set(name, source);
    return source;
  }
}
