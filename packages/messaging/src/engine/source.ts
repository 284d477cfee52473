/**
 * Connects the messages of an engine to the deliveries of the kit: reads payloads, and renews the leases of messages while
 * their handlers run.
 */
import { callAfter, type Logger } from '@asphalt/core';
import type { Deliveries } from '@asphalt/core/deliveries';
import { describeThrown, AsphaltError } from '@asphalt/core/errors';
import { deliveries, type BackOff, type PullClient, type Retry, type Serializer } from '@asphalt/integration';
import type { Delivery } from '../delivery.ts';
import type { MessageSchema } from '../message-schema.ts';
import type { Claimed, Failure, MessageStore } from './engine.ts';

/** The settings of a queue, or of the groups of a topic. */
export interface SourceOptions<T> {
  /** The source of its deliveries, also in log lines. */
  readonly name: string;
  readonly serializer: Serializer;
  readonly schema: MessageSchema<T> | undefined;
  readonly attempts: number;
  readonly backOff: BackOff;
  readonly leaseMs: number;
  readonly logger: Logger;
}

/** Returns the messages of an engine as a source for a handler. */
export function sourceOf<T>(store: MessageStore, options: SourceOptions<T>): Deliveries<Delivery<T>> {
  // The client adds the field that the kit's type lacks.
  return deliveries(new StoreClient(store, options), options) as Deliveries<Delivery<T>>;
}

class StoreClient<T> implements PullClient<Claimed, T> {
  readonly #store: MessageStore;
  readonly #options: SourceOptions<T>;
  /** The claimed messages, each with a function that ends its renewal. */
  readonly #renewed = new Map<Claimed, () => void>();

  constructor(store: MessageStore, options: SourceOptions<T>) {
    this.#store = store;
    this.#options = options;
  }

  async fetch(count: number, abort: AbortSignal): Promise<readonly Claimed[]> {
    const messages = await this.#store.fetch(count, abort);
    if (this.#store.renew) for (const message of messages) this.#renewLater(message);
    return messages;
  }

  describe({ id, attempt, headers }: Claimed): Omit<Delivery<T>, 'value'> {
    return { id, attempt, headers, source: this.#options.name };
  }

  read({ payload }: Claimed): T | Promise<T> {
    const { serializer, schema } = this.#options;
    const value = serializer.deserialize(payload);
    return schema ? schema.validate(value) : (value as T);
  }

  async acknowledge(message: Claimed): Promise<void> {
    await this.#settle(message, () => this.#store.acknowledge(message));
  }

  async retry(message: Claimed, retry: Retry): Promise<void> {
    await this.#settle(message, () => this.#store.retry(message, retry));
  }

  async bury(message: Claimed, error: unknown): Promise<void> {
    await this.#settle(message, () => this.#store.bury(message, failureOf(error)));
  }

  /** Settles a message. The lease ends by itself if this fails, so that the message is delivered again. */
  async #settle(message: Claimed, settle: () => Promise<void>): Promise<void> {
    try {
      await settle();
    } finally {
      this.#renewed.get(message)?.();
      this.#renewed.delete(message);
    }
  }

  #renewLater(message: Claimed): void {
    const cancel = callAfter(this.#options.leaseMs / 3, () => {
      void this.#renew(message);
    });
    this.#renewed.set(message, cancel);
  }

  async #renew(message: Claimed): Promise<void> {
    const { name, logger } = this.#options;
    try {
      await this.#store.renew!(message);
    } catch (error) {
      // The next renewal may succeed. If none does, the message is delivered again.
      logger.warn(`The lease of a message of ${name} cannot be renewed`, { id: message.id, error });
    }
    if (this.#renewed.has(message)) this.#renewLater(message);
  }
}

function failureOf(error: unknown): Failure {
  return { reason: describeThrown(error), code: AsphaltError.is(error) ? error.code : undefined };
}
