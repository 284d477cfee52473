import type { Delivery, Serializer } from '@asphalt/integration';
import type { IPublishPacket } from 'mqtt-packet';

/** A message of a topic. */
export class MqttMessage<T> {
  readonly topic: string;
  readonly payload: Buffer;
  /** Whether the broker has kept the message for new subscribers. */
  readonly isRetained: boolean;
  /** The user properties. */
  readonly headers: Readonly<Record<string, string>>;
  readonly #serializer: Serializer;

  /** @internal */
  constructor({ topic, payload, retain, properties }: IPublishPacket, serializer: Serializer) {
    this.topic = topic;
    this.payload = Buffer.from(payload);
    this.isRetained = retain;
    const { userProperties = {} } = properties ?? {};
    this.headers = Object.fromEntries(Object.entries(userProperties).map(([name, value]) => [name, String(value)]));
    this.#serializer = serializer;
  }

  /** @throws a PayloadError when the serializer cannot read the payload */
  get value(): T {
    return this.#serializer.deserialize(this.payload) as T;
  }
}

/** A message that is acknowledged after it was handled. */
export interface MqttDelivery<T> extends Delivery<T> {
  readonly topic: string;
}
