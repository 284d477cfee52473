import { randomUUID } from 'node:crypto';
import { durationMs, type Deliveries } from '@asphalt/core/deliveries';
import { deliveries, type Delivery, type Serializer } from '@asphalt/integration';
import { MessagingOptionError } from '../errors.ts';
import { Queue, type DeadLetter, type SendOptions } from '../queue.ts';
import type { DeadEnvelope, QueueState, QueueStore } from './engine.ts';
import { StoreClient } from './store-client.ts';
import type { SourceOptions } from './source-options.ts';

/** A queue of an engine. */
export class EngineQueue<T> extends Queue<T> {
  readonly name: string;
  readonly store: QueueStore;
  readonly messages: Deliveries<Delivery<T>>;
  readonly #serializer: Serializer;

  constructor(store: QueueStore, options: SourceOptions<T>) {
    super();
    this.name = options.name;
    this.store = store;
    this.#serializer = options.serializer;
    this.messages = deliveries(new StoreClient(store, options), options);
  }

  override async send(value: T, { delay = 0, key, headers = {} }: SendOptions = {}): Promise<void> {
    const delayMs = durationMs(delay);
    if (delayMs === undefined) {
      throw new MessagingOptionError(`queue "${this.name}"`, 'delay', 'must be a duration such as 500, "10s" or "5m"');
    }
    const payload = this.#serializer.serialize(value);
    await this.store.send({ id: randomUUID(), payload, headers }, { delayMs, key });
  }

  override state(): Promise<QueueState> {
    return this.store.state();
  }

  override async deadLetters(limit = 100): Promise<readonly DeadLetter[]> {
    const letters = await this.store.deadLetters(limit);
    return letters.map((letter) => readable(letter, this.#serializer));
  }

  override retryDeadLetters(ids?: readonly string[]): Promise<number> {
    return this.store.revive(ids);
  }
}

function readable({ payload, ...letter }: DeadEnvelope, serializer: Serializer): DeadLetter {
  let value: unknown;
  try {
    value = serializer.deserialize(payload);
  } catch {
    // The letter is dead because its payload cannot be read.
  }
  return { ...letter, value };
}
