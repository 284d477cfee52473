/** A durable consumer of a stream, as a client for the deliveries of the kit. */
import {
  JsonSerializer,
  type DeliveryOptions,
  type PullClient,
  type Retry,
  type Serializer,
} from '@asphalt/integration';
import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { Deferrals } from './deferrals.ts';
import type { NatsSession } from './session.ts';

export interface ConsumerOptions extends Pick<DeliveryOptions, 'attempts' | 'backOff' | 'leaseMs'> {
  /** The subject of the stream that it receives. @default all */
  readonly subject?: string;
  /** The subject of dead letters. Without it, dead letters are lost. */
  readonly deadLetters?: string;
  /** @default JSON */
  readonly serializer?: Serializer;
}

/** A message, and the number of its deliveries that are no attempts. */
interface Received {
  readonly message: JsMsg;
  readonly deferrals: number;
}

interface Batch {
  readonly messages: ConsumerMessages;
  readonly arriving: AsyncIterator<JsMsg>;
}

/** How long the server keeps a request for messages. */
const expires = 5000;

export class PullConsumer<T> implements PullClient<Received, T> {
  readonly #serializer: Serializer;
  readonly #deferrals: Deferrals;
  #consumer: Consumer | undefined;
  /** The request for messages that is open. */
  #batch: Batch | undefined;

  constructor(
    readonly session: NatsSession,
    readonly stream: string,
    readonly durable: string,
    readonly options: ConsumerOptions,
  ) {
    this.#serializer = options.serializer ?? new JsonSerializer();
    this.#deferrals = new Deferrals(stream, durable);
  }

  async fetch(count: number, abort: AbortSignal): Promise<readonly Received[]> {
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
    return Promise.all(arrived.map((message) => this.#receive(message)));
  }

  describe({ message, deferrals }: Received) {
    const { headers, info, seq } = message;
    const names = headers?.keys() ?? [];
    return {
      id: headers?.get('Nats-Msg-Id') || `${this.stream}-${seq}`,
      attempt: info.deliveryCount - deferrals,
      headers: Object.fromEntries(names.map((name) => [name, headers!.get(name)])),
    };
  }

  read({ message }: Received): T {
    return this.#serializer.deserialize(message.data) as T;
  }

  renew({ message }: Received): void {
    message.working();
  }

  acknowledge({ message }: Received): Promise<unknown> {
    return message.ackAck();
  }

  async retry({ message, deferrals }: Received, { delayMs, counts }: Retry): Promise<void> {
    const { jetStream } = this.session.client;
    if (!counts) await this.#deferrals.write(jetStream, message, deferrals + 1).catch(this.#warn);
    message.nak(delayMs);
  }

  async bury(received: Received, _error: unknown, reason: Readonly<Record<string, string>>): Promise<void> {
    const { deadLetters } = this.options;
    if (deadLetters !== undefined) {
      const { message } = received;
      const { headers } = await import('@nats-io/transport-node');
      const copy = headers();
      const entries = { ...this.describe(received).headers, ...reason };
      for (const [name, value] of Object.entries(entries)) copy.set(name, value);
      const msgID = `${this.stream}-${this.durable}-${message.seq}`;
      await this.session.client.jetStream.publish(deadLetters, message.data, { headers: copy, msgID });
    }
    await this.acknowledge(received);
  }

  async #receive(message: JsMsg): Promise<Received> {
    if (!message.redelivered) return { message, deferrals: 0 };
    const reading = async () => this.#deferrals.read(this.session.client.jetStream, message);
    return { message, deferrals: (await reading().catch(this.#warn)) ?? 0 };
  }

  readonly #warn = (error: unknown): void => {
    const { logger } = this.session.owner;
    logger.warn(`Deferred deliveries of ${this.stream}/${this.durable} count as attempts`, { error });
  };

  async #request(count: number): Promise<Batch> {
    this.#consumer ??= await this.#open();
    const messages = await this.#consumer.fetch({ max_messages: count, expires });
    return { messages, arriving: messages[Symbol.asyncIterator]() };
  }

  /** Creates the consumer if the server does not have it, or has lost it because it keeps it in memory. */
  async #open(): Promise<Consumer> {
    const { jetStream } = this.session.client;
    const { subject, leaseMs = 30_000 } = this.options;
    const { consumers } = await jetStream.jetstreamManager(false);
    await consumers.add(this.stream, {
      durable_name: this.durable,
      ack_policy: 'explicit',
      ack_wait: leaseMs * 1_000_000,
      ...(subject !== undefined && { filter_subject: subject }),
    });
    return jetStream.consumers.get(this.stream, this.durable);
  }
}
