/** The messages of a queue as a client for the deliveries of the kit. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Backlog,
  deadLetterHeaders,
  type DeliveryOptions,
  type PushClient,
  type Retry,
  type Serializer,
  within,
} from '@asphalt/integration';
import type { AsyncMessage, Channel } from 'rabbitmq-client';
import type { AmqpSession } from './session.ts';

export interface ConsumerOptions extends Pick<DeliveryOptions, 'attempts' | 'backOff'> {
  /** The queue of dead letters. @default that of the queue in `queues`; otherwise the broker decides */
  readonly deadLetter?: string;
}

interface Waiting {
  readonly channel: Channel;
  readonly message: AsyncMessage;
  attempt: number;
}

/** Delay before a queue that cannot be consumed is tried again. */
const retryMs = 500;

export class QueueConsumer<T> implements PushClient<Waiting, T> {
  readonly #backlog = new Backlog<Waiting>(({ channel }) => !channel.active);

  /** @param publishDead - publishes a dead letter; without it, the broker decides */
  constructor(
    readonly session: AmqpSession,
    readonly queue: string,
    readonly serializer: Serializer,
    readonly publishDead: ((message: AsyncMessage, headers: object) => Promise<unknown>) | undefined,
  ) {}

  subscribe(settle: (waiting: Waiting) => Promise<void>, concurrency: number): () => Promise<void> {
    const stopping = new AbortController();
    const end = this.#backlog.start(settle, concurrency);
    const ended = this.#consume(Math.max(concurrency, this.session.owner.config.prefetch), stopping.signal);
    return async () => {
      end();
      stopping.abort();
      await ended;
      for (const { channel, message } of this.#backlog.take()) {
        channel.basicNack({ deliveryTag: message.deliveryTag, requeue: true });
      }
    };
  }

  describe({ attempt, message: { messageId, headers = {} } }: Waiting) {
    const texts = Object.entries(headers).map(([name, value]) => [name, String(value)]);
    const crashes = Number(headers['x-delivery-count'] ?? 0);
    return { id: messageId ?? randomUUID(), attempt: attempt + crashes, headers: Object.fromEntries(texts) };
  }

  /** The driver has read texts and JSON. */
  read({ message: { body } }: Waiting): T {
    return (Buffer.isBuffer(body) ? this.serializer.deserialize(body) : body) as T;
  }

  async acknowledge({ channel, message: { deliveryTag } }: Waiting): Promise<void> {
    channel.basicAck({ deliveryTag });
  }

  async retry(waiting: Waiting, { delayMs, counts }: Retry): Promise<void> {
    if (counts) waiting.attempt++;
    this.#backlog.delay(waiting, delayMs);
  }

  async bury(waiting: Waiting, error: unknown): Promise<void> {
    const { channel, message } = waiting;
    if (!this.publishDead) return channel.basicNack({ deliveryTag: message.deliveryTag, requeue: false });
    await this.publishDead(message, deadLetterHeaders(error));
    await this.acknowledge(waiting);
  }

  /** Consumes the queue until the end, again after each outage. The channel stays open for acknowledgements. */
  async #consume(prefetchCount: number, stopping: AbortSignal): Promise<void> {
    const { link, owner } = this.session;
    for (let failures = 0; !stopping.aborted; failures++) {
      try {
        if (failures > 0) await sleep(retryMs, undefined, { signal: stopping });
        const channel = await this.session.openChannel();
        const closed = once(channel, 'close');
        channel.on('basic.cancel', () => void channel.close());
        await channel.basicQos({ prefetchCount });
        const onMessage = (message: AsyncMessage): void => this.#backlog.push({ channel, message, attempt: 1 });
        const { consumerTag } = await channel.basicConsume({ queue: this.queue }, onMessage);
        failures = 0;
        await within(Infinity, closed, stopping).catch(() => channel.basicCancel(consumerTag));
      } catch (error) {
        const isNews = link.state === 'up' && failures === 0 && !stopping.aborted;
        if (isNews) owner.logger.warn(`The queue ${this.queue} cannot be consumed`, { error });
      }
    }
  }
}
