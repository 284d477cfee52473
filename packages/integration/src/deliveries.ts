/**
 * A source of deliveries for the client of a broker. It passes messages to the handler of an application, acknowledges them
 * after the commit, and retries failed ones until they become dead letters. It must not know any broker.
 */
import type { Logger } from '@asphalt/core';
import { Deliveries, type Consumer, type Consumption } from '@asphalt/core/deliveries';
import { backOff, type BackOff } from './back-off.ts';
import { deadLetterHeaders, verdictOf, type Delivery } from './delivery.ts';
import { InFlight } from './in-flight.ts';
import { repeat } from './repeat.ts';

/** How a message returns to its broker. */
export interface Retry {
  readonly delayMs: number;
  /** Whether the attempt counts. If not, the next delivery has the same `attempt`. */
  readonly counts: boolean;
}

/** The operations of a broker on one of its messages. */
export interface MessageClient<Message, T> {
  /** Returns the facts about a message that its payload does not contain. */
  describe(message: Message): Omit<Delivery<T>, 'value'>;
  /** Reads the payload. If it throws, the message becomes a dead letter without a retry. */
  read(message: Message): T | Promise<T>;
  /** Removes a message that was handled. */
  acknowledge(message: Message): Promise<unknown>;
  /** Returns a message to the broker, which delivers it again after the delay. */
  retry(message: Message, retry: Retry): Promise<unknown>;
  /**
   * Stores a message that failed for good with its error, and removes it from the queue.
   *
   * @param headers - show the error: `asphalt-error`, and `asphalt-error-code` if it has a code
   */
  bury(message: Message, error: unknown, headers: Readonly<Record<string, string>>): Promise<unknown>;
  /** Extends the lease of a message that is being handled. Called after every third of the lease. */
  renew?(message: Message): unknown;
}

/** A client that fetches messages. */
export interface PullClient<Message, T> extends MessageClient<Message, T> {
  /** Waits for messages. Returns at most `count`, or none after a while or when `abort` fires. */
  fetch(count: number, abort: AbortSignal): Promise<readonly Message[]>;
  /** Resolves when the messages that no call of `fetch` has returned are back at the broker. A stop waits for it. */
  idle?(): Promise<unknown>;
}

/** A client to which the broker sends messages. */
export interface PushClient<Message, T> extends MessageClient<Message, T> {
  /**
   * Receives messages, and passes each to a function that settles it. The promise of that function never rejects.
   *
   * @param concurrency - number of messages that may be unsettled
   * @returns a function that ends the subscription; resolves when the broker sends no more
   */
  subscribe(settle: (message: Message) => Promise<void>, concurrency: number): () => Promise<unknown>;
}

export interface DeliveryOptions {
  /** The name of the queue in log lines. */
  readonly name: string;
  readonly logger: Logger;
  /** Number of attempts before a message becomes a dead letter. @default 5 */
  readonly attempts?: number;
  /** Delays between attempts, in milliseconds. @default from 1 s to 60 s */
  readonly backOff?: BackOff;
  /** Milliseconds after which the broker delivers the message of a killed process again, if the client has `renew`. @default 30_000 */
  readonly leaseMs?: number;
}

/** The client of a broker, of one of two kinds. */
export type BrokerClient<Message, T> = PullClient<Message, T> | PushClient<Message, T>;

/** Creates a source of deliveries for `@on`. */
export function deliveries<Message, T>(
  client: BrokerClient<Message, T>,
  options: DeliveryOptions,
): Deliveries<Delivery<T>> {
  return new BrokerDeliveries(client, options);
}

class BrokerDeliveries<Message, T> extends Deliveries<Delivery<T>> {
  readonly #client: BrokerClient<Message, T>;
  readonly #options: DeliveryOptions;

  constructor(client: BrokerClient<Message, T>, options: DeliveryOptions) {
    super();
    this.#client = client;
    this.#options = options;
  }

  protected override start(consumer: Consumer<Delivery<T>>): Consumption {
    return new BrokerConsumption(this.#client, consumer, this.#options);
  }
}

const defaultBackOff: BackOff = { minDelay: 1000, maxDelay: 60_000 };
/** The delays between failed calls of `fetch`. */
const fetchDelays: BackOff = { minDelay: 100, maxDelay: 2000 };

class BrokerConsumption<Message, T> implements Consumption {
  readonly #client: BrokerClient<Message, T>;
  readonly #consumer: Consumer<Delivery<T>>;
  readonly #options: DeliveryOptions;
  readonly #unsettled = new InFlight();
  readonly #stopIntake: () => Promise<unknown>;

  constructor(client: BrokerClient<Message, T>, consumer: Consumer<Delivery<T>>, options: DeliveryOptions) {
    this.#client = client;
    this.#consumer = consumer;
    this.#options = options;
    this.#stopIntake = 'fetch' in client ? this.#pull(client) : client.subscribe(this.#settle, consumer.concurrency);
  }

  async stop(): Promise<void> {
    await this.#stopIntake();
    await this.#unsettled.idle();
  }

  /** Fetches as many messages as the handler can take. Returns a function that stops. */
  #pull(client: PullClient<Message, T>): () => Promise<void> {
    const stopping = new AbortController();
    const { signal } = stopping;
    const fetching = async (): Promise<void> => {
      await this.#unsettled.below(this.#consumer.concurrency);
      if (signal.aborted) return;
      const messages = await client.fetch(this.#consumer.concurrency - this.#unsettled.count, signal);
      for (const message of messages) void this.#settle(message);
    };
    const onError = (error: unknown): void => this.#warn('cannot be fetched', error);
    const ended = repeat(fetching, signal, { delays: fetchDelays, onError });
    return async () => {
      stopping.abort();
      await ended;
      await client.idle?.();
    };
  }

  /** Handles a message and settles it. If this fails, the broker delivers the message again later. */
  readonly #settle = (message: Message): Promise<void> =>
    this.#unsettled.run(async () => {
      const { leaseMs = 30_000 } = this.#options;
      const renewal = this.#client.renew && setInterval(() => void this.#renew(message), leaseMs / 3);
      try {
        await this.#handle(message);
      } catch (error) {
        this.#warn('cannot be settled, so the broker delivers it again', error);
      } finally {
        clearInterval(renewal);
      }
    });

  async #renew(message: Message): Promise<void> {
    try {
      await this.#client.renew?.(message);
    } catch (error) {
      this.#warn('cannot keep its lease, so the broker may deliver it again', error);
    }
  }

  async #handle(message: Message): Promise<void> {
    const facts = this.#client.describe(message);
    let value: T;
    try {
      value = await this.#client.read(message);
    } catch (error) {
      // `Delivery` documents the missing value.
      return this.#bury(message, { ...facts, value: undefined as T }, error);
    }
    const delivery = { ...facts, value };
    try {
      await this.#consumer.handle(delivery);
    } catch (error) {
      return this.#failed(message, delivery, error);
    }
    await this.#client.acknowledge(message);
  }

  async #failed(message: Message, delivery: Delivery<T>, error: unknown): Promise<void> {
    const verdict = verdictOf(error);
    const { id, attempt } = delivery;
    if ('deferMs' in verdict) {
      await this.#client.retry(message, { delayMs: verdict.deferMs, counts: false });
      return;
    }
    const { attempts = 5, backOff: bounds = defaultBackOff } = this.#options;
    if (verdict.isDead || attempt >= attempts) return this.#bury(message, delivery, error);
    const delayMs = Math.round(backOff(attempt, bounds));
    this.#warn(`failed in attempt ${attempt} of ${attempts} and returns after ${delayMs} ms`, error, id);
    await this.#client.retry(message, { delayMs, counts: true });
  }

  /** Stores a dead letter, then reports the error. If storing fails, the message returns and is reported later. */
  async #bury(message: Message, delivery: Delivery<T>, error: unknown): Promise<void> {
    await this.#client.bury(message, error, deadLetterHeaders(error));
    this.#consumer.failed(error, delivery);
  }

  #warn(problem: string, error: unknown, id?: string): void {
    const { name, logger } = this.#options;
    logger.warn(`A delivery of ${name} ${problem}`, { ...(id !== undefined && { id }), error });
  }
}
