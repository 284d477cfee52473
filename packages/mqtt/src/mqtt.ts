/** The resources of an MQTT broker. */
import { providedBy } from '@asphalt/core';
import type { Deliveries } from '@asphalt/core/deliveries';
import { Link, Topics, type DeliveryOptions, type Serializer } from '@asphalt/integration';
import type { MqttClient } from 'mqtt';
import type { Observable } from 'rxjs';
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
   * @throws an OfflineError during an outage; a NoReplyError when the broker does not confirm within `timeout`
   */
  async publish(topic: string, value: unknown, options: PublishOptions = {}): Promise<void> {
    const { qos = 1, retain = false, headers = {} } = options;
    const isWritten = typeof value === 'string' || Buffer.isBuffer(value);
    const payload = isWritten ? value : Buffer.from(this.#serializer.serialize(value));
    // The driver writes a broken packet if the properties are empty.
    const properties = Object.keys(headers).length > 0 && { properties: { userProperties: { ...headers } } };
    await this.#session.call(() => this.client.publishAsync(topic, payload, { qos, retain, ...properties }));
  }

  /** Returns the messages of topics. With QoS 1, they are acknowledged after they were handled. */
  topic<T>(filter: string, options?: { readonly qos: 0 }): Observable<MqttMessage<T>>;
  topic<T>(filter: string, options: ConsumerOptions): Deliveries<MqttDelivery<T>>;
  topic<T>(
    filter: string,
    options: { readonly qos: 0 } | ConsumerOptions = { qos: 0 },
  ): Observable<MqttMessage<T>> | Deliveries<MqttDelivery<T>> {
    // The caller knows the type of the payloads.
    if (options.qos === 0) return this.#topics.messages(filter) as Observable<MqttMessage<T>>;
    const { group = this.#session.owner.config.sharedGroup, deadLetters } = options;
    const name = group === undefined ? filter : `$share/${group}/${filter}`;
    const publishDead = async ({ payload, headers }: MqttMessage<unknown>, reason: object): Promise<void> => {
      if (deadLetters !== undefined) await this.publish(deadLetters, payload, { headers: { ...headers, ...reason } });
    };
    const create = () => new TopicQueue<unknown>(this.#session, name, publishDead, this.#serializer);
    return this.#session.source(name, create, options);
  }
}
