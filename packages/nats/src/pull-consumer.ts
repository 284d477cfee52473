/** A durable consumer of a stream, as a client for the deliveries of the kit. */
import {
  deadLetterHeaders,
  JsonSerializer,
  type DeliveryOptions,
  type PullClient,
  type Retry,
  type Serializer,
} from '@asphalt/integration';
import type { Consumer, ConsumerMessages, JetStreamClient, JsMsg } from '@nats-io/jetstream';

export interface ConsumerOptions extends Pick<DeliveryOptions, 'attempts' | 'backOff'> {
  /** The subject of the stream that it receives. @default all */
  readonly subject?: string;
  /** The subject of dead letters. Without it, dead letters are lost. */
  readonly deadLetters?: string;
  /** Milliseconds after which the server delivers the message of a killed process again. @default 30_000 */
  readonly leaseMs?: number;
  /** @default JSON */
  readonly serializer?: Serializer;
}

interface Batch {
  readonly messages: ConsumerMessages;
  readonly arriving: AsyncIterator<JsMsg>;
}

/** How long the server keeps a request for messages. */
const expires = 5000;

export class PullConsumer<T> implements PullClient<JsMsg, T> {
  readonly leaseMs: number;
  readonly #serializer: Serializer;
  #consumer: Consumer | undefined;
  /** The request for messages that is open. */
  #batch: Batch | undefined;

  constructor(
    readonly jetStream: { readonly client: JetStreamClient },
    readonly stream: string,
    readonly durable: string,
    readonly options: ConsumerOptions,
  ) {
    this.leaseMs = options.leaseMs ?? 30_000;
    this.#serializer = options.serializer ?? new JsonSerializer();
  }

  async fetch(count: number, abort: AbortSignal): Promise<readonly JsMsg[]> {
    const arrived: JsMsg[] = [];
    try {
      const { messages, arriving } = (this.#batch ??= await this.#request(count));
      const stop = (): void => messages.stop();
      abort.addEventListener('abort', stop, { once: true });
      do {
        const next = await arriving.next();
        if (next.done === true) this.#batch = undefined;
        else arrived.push(next.value);
      } while (this.#batch && messages.getPending() > 0);
      abort.removeEventListener('abort', stop);
    } catch (error) {
      this.#consumer = this.#batch = undefined;
      if (arrived.length === 0) throw error;
    }
    return arrived;
  }

  describe({ headers, info, seq }: JsMsg) {
    const names = headers?.keys() ?? [];
    return {
      id: headers?.get('Nats-Msg-Id') || `${this.stream}-${seq}`,
      attempt: info.deliveryCount,
      headers: Object.fromEntries(names.map((name) => [name, headers!.get(name)])),
    };
  }

  read({ data }: JsMsg): T {
    return this.#serializer.deserialize(data) as T;
  }

  renew(message: JsMsg): void {
    message.working();
  }

  acknowledge(message: JsMsg): Promise<unknown> {
    return message.ackAck();
  }

  async retry(message: JsMsg, { delayMs }: Retry): Promise<void> {
    message.nak(delayMs);
  }

  async bury(message: JsMsg, error: unknown): Promise<void> {
    const { deadLetters } = this.options;
    if (deadLetters !== undefined) {
      const { headers } = await import('@nats-io/transport-node');
      const copy = headers();
      const entries = { ...this.describe(message).headers, ...deadLetterHeaders(error) };
      for (const [name, value] of Object.entries(entries)) copy.set(name, value);
      const msgID = `${this.stream}-${this.durable}-${message.seq}`;
      await this.jetStream.client.publish(deadLetters, message.data, { headers: copy, msgID });
    }
    await this.acknowledge(message);
  }

  async #request(count: number): Promise<Batch> {
    this.#consumer ??= await this.#open();
    const messages = await this.#consumer.fetch({ max_messages: count, expires });
    return { messages, arriving: messages[Symbol.asyncIterator]() };
  }

  /** Creates the consumer if the server does not have it, or has lost it because it keeps it in memory. */
  async #open(): Promise<Consumer> {
    const { client } = this.jetStream;
    const { subject } = this.options;
    const { consumers } = await client.jetstreamManager(false);
    await consumers.add(this.stream, {
      durable_name: this.durable,
      ack_policy: 'explicit',
      ack_wait: this.leaseMs * 1_000_000,
      ...(subject !== undefined && { filter_subject: subject }),
    });
    return client.consumers.get(this.stream, this.durable);
  }
}
