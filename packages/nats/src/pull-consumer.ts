/** A durable consumer of a stream, as a client for the deliveries of the kit. */
import {
  JsonSerializer,
  type DeliveryOptions,
  type PullClient,
  type Retry,
  type Serializer,
} from '@asphalt/integration';
import { Deferrals } from './deferrals.ts';
import { Pull, type PulledMessage } from './pull.ts';
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
  readonly pulled: PulledMessage;
  readonly deferrals: number;
}

export class PullConsumer<T> implements PullClient<Received, T> {
  readonly #serializer: Serializer;
  readonly #deferrals: Deferrals;
  readonly #pull: Pull;
  /** Whether the server has the consumer, as far as this process knows. */
  #isCreated = false;

  constructor(
    readonly session: NatsSession,
    readonly stream: string,
    readonly durable: string,
    readonly options: ConsumerOptions,
  ) {
    const { serializer = new JsonSerializer(), leaseMs = 30_000 } = options;
    this.#serializer = serializer;
    this.#deferrals = new Deferrals(stream, durable);
    const restore = async (pulled: PulledMessage): Promise<void> =>
      this.retry(await this.#receive(pulled), { delayMs: 0, counts: false });
    this.#pull = new Pull(session, { stream, consumers: [{ name: durable, inOrder: false }], leaseMs, restore });
  }

  async fetch(count: number, abort: AbortSignal): Promise<readonly Received[]> {
    try {
      if (!this.#isCreated) await this.#create();
      this.#isCreated = true;
      const pulled = await this.#pull.take(count, abort);
      return await Promise.all(pulled.map((message) => this.#receive(message)));
    } catch (error) {
      this.#isCreated = false;
      throw error;
    }
  }

  idle(): Promise<void> {
    return this.#pull.idle();
  }

  describe({ pulled, deferrals }: Received) {
    const { message, deliveries, sequence } = pulled;
    const { headers } = message;
    const names = headers?.keys() ?? [];
    return {
      id: headers?.get('Nats-Msg-Id') || `${this.stream}-${sequence}`,
      attempt: deliveries - deferrals,
      headers: Object.fromEntries(names.map((name) => [name, headers!.get(name)])),
    };
  }

  read({ pulled }: Received): T {
    return this.#serializer.deserialize(pulled.message.data) as T;
  }

  renew({ pulled }: Received): Promise<void> {
    return this.#pull.respond(pulled, '+WPI');
  }

  acknowledge({ pulled }: Received): Promise<void> {
    return this.#pull.respond(pulled, '+ACK');
  }

  async retry({ pulled, deferrals }: Received, { delayMs, counts }: Retry): Promise<void> {
    const { jetStream } = this.session.client;
    if (!counts) await this.#deferrals.write(jetStream, pulled, deferrals + 1).catch(this.#warn);
    await this.#pull.respond(pulled, '-NAK', delayMs);
  }

  async bury(received: Received, _error: unknown, reason: Readonly<Record<string, string>>): Promise<void> {
    const { deadLetters } = this.options;
    if (deadLetters !== undefined) {
      const { message, sequence } = received.pulled;
      const { headers } = await import('@nats-io/transport-node');
      const copy = headers();
      const entries = { ...this.describe(received).headers, ...reason };
      for (const [name, value] of Object.entries(entries)) copy.set(name, value);
      const msgID = `${this.stream}-${this.durable}-${sequence}`;
      await this.session.client.jetStream.publish(deadLetters, message.data, { headers: copy, msgID });
    }
    await this.acknowledge(received);
  }

  async #receive(pulled: PulledMessage): Promise<Received> {
    if (pulled.deliveries === 1) return { pulled, deferrals: 0 };
    const reading = async () => this.#deferrals.read(this.session.client.jetStream, pulled);
    return { pulled, deferrals: (await reading().catch(this.#warn)) ?? 0 };
  }

  readonly #warn = (error: unknown): void => {
    const { logger } = this.session.owner;
    logger.warn(`Deferred deliveries of ${this.stream}/${this.durable} count as attempts`, { error });
  };

  /** Creates the consumer if the server does not have it, or has lost it because it keeps it in memory. */
  async #create(): Promise<void> {
    const { subject, leaseMs = 30_000 } = this.options;
    const { consumers } = await this.session.client.jetStream.jetstreamManager(false);
    await consumers.add(this.stream, {
      durable_name: this.durable,
      ack_policy: 'explicit',
      ack_wait: leaseMs * 1_000_000,
      ...(subject !== undefined && { filter_subject: subject }),
    });
  }
}
