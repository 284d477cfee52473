/** The messages of a queue as a client for the deliveries of the kit. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  Backlog,
  repeat,
  within,
  type DeliveryOptions,
  type PushClient,
  type Retry,
  type Serializer,
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
  readonly id: string;
  attempt: number;
}

/** Shorter delays wait in this process. */
const shortestMs = 100;

/** The headers of the broker and of this package, which apply to one delivery only. */
const ownHeader = /^(?:CC|asphalt-attempt|x-(?:delivery-count|death|first-death-.*|last-death-.*))$/;

export class QueueConsumer<T> extends Backlog<Waiting, T> {
  constructor(
    readonly session: AmqpSession,
    readonly queue: string,
    readonly serializer: Serializer,
    readonly deadLetter: string | undefined,
  ) {
    super();
  }

  override subscribe(...args: Parameters<PushClient<Waiting, T>['subscribe']>): () => Promise<void> {
    const [, concurrency] = args;
    const { owner, link } = this.session;
    const end = super.subscribe(...args);
    const stopping = new AbortController();
    const prefetchCount = Math.max(concurrency, owner.config.prefetch);
    const ended = repeat(() => this.#consume(prefetchCount, stopping.signal), stopping.signal, {
      delays: owner.config.connect,
      onError: (error) => {
        if (link.state === 'up') owner.logger.warn(`The queue ${this.queue} cannot be consumed`, { error });
      },
    });
    return async () => {
      await end();
      stopping.abort();
      await ended;
      for (const waiting of this.take()) this.#reject(waiting, true);
    };
  }

  protected override isLost({ channel }: Waiting): boolean {
    return !channel.active;
  }

  override describe({ id, attempt, message }: Waiting) {
    const texts = headersOf(message).map(([name, value]) => [name, String(value)]);
    return { id, attempt, headers: Object.fromEntries(texts) };
  }

  /** The driver has read texts and JSON. */
  override read({ message: { body } }: Waiting): T {
    return (Buffer.isBuffer(body) ? this.serializer.deserialize(body) : body) as T;
  }

  override async acknowledge({ channel, message: { deliveryTag } }: Waiting): Promise<void> {
    channel.basicAck({ deliveryTag });
  }

  /** A message waits in a queue of the broker, or in this process if its delay is short or the broker refuses the queue. */
  override async retry(waiting: Waiting, retry: Retry): Promise<void> {
    const { session, queue } = this;
    const { delayMs, counts } = retry;
    if (delayMs < shortestMs || session.owner.config.queues[queue] === undefined) return super.retry(waiting, retry);
    try {
      const attempt = counts ? waiting.attempt + 1 : waiting.attempt;
      await this.#copy(waiting, await session.delayQueue(queue, delayMs), { 'asphalt-attempt': attempt });
    } catch (error) {
      session.owner.logger.warn(`A retry of ${queue} waits in this process`, { id: waiting.id, error });
      return super.retry(waiting, retry);
    }
    await this.acknowledge(waiting);
  }

  override async bury(waiting: Waiting, _error: unknown, reason: object): Promise<void> {
    if (this.deadLetter === undefined) return this.#reject(waiting, false);
    await this.#copy(waiting, this.deadLetter, reason);
    await this.acknowledge(waiting);
  }

  #reject({ channel, message: { deliveryTag } }: Waiting, requeue: boolean): void {
    channel.basicNack({ deliveryTag, requeue });
  }

  /** Sends a copy of a message to another queue, without the lifetime and the user that the broker has checked. */
  async #copy({ id, message }: Waiting, routingKey: string, headers: object): Promise<void> {
    const merged = { ...Object.fromEntries(headersOf(message)), ...headers };
    const copy = { ...message, messageId: id, exchange: '', routingKey, mandatory: true, headers: merged };
    delete copy.expiration;
    delete copy.userId;
    await this.session.publish(copy, message.body);
  }

  /** Consumes the queue until the channel closes. At a stop, the channel stays open for acknowledgements. */
  async #consume(prefetchCount: number, stopping: AbortSignal): Promise<void> {
    const channel = await this.session.openChannel();
    const closed = once(channel, 'close');
    channel.on('basic.cancel', () => void channel.close());
    await channel.basicQos({ prefetchCount });
    const { consumerTag } = await channel.basicConsume({ queue: this.queue }, (message: AsyncMessage) => {
      const { messageId = randomUUID(), headers = {} } = message;
      const attempt = Number(headers['asphalt-attempt'] ?? 1) + Number(headers['x-delivery-count'] ?? 0);
      this.push({ channel, message, id: messageId, attempt });
    });
    await within(Infinity, closed, stopping).catch(() => channel.basicCancel(consumerTag));
  }
}

function headersOf({ headers = {} }: AsyncMessage): (readonly [string, unknown])[] {
  return Object.entries(headers).filter(([name]) => !ownHeader.test(name));
}
