import { randomUUID } from 'node:crypto';
import { durationMs, type Deliveries } from '@asphalt/core/deliveries';
import type { Serializer } from '@asphalt/integration';
import type { Delivery } from '../delivery.ts';
import { MessagingOptionError } from '../errors.ts';
import { Queue, type DeadLetter, type SendOptions } from '../queue.ts';
import type { DeadEnvelope, QueueState, QueueStore, Sending } from './engine.ts';
import { sourceOf, type SourceOptions } from './source.ts';

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
    this.messages = sourceOf(store, options);
  }

  override async send(value: T, options: SendOptions = {}): Promise<void> {
    const sending = sendingOf(this.name, options);
    const payload = this.#serializer.serialize(value);
    await this.store.send({ id: randomUUID(), payload, headers: options.headers ?? {} }, sending);
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

/** @throws {@link MessagingOptionError} when the delay is no duration */
export function sendingOf(queue: string, { delay = 0, key }: SendOptions): Sending {
  const delayMs = durationMs(delay);
  if (delayMs !== undefined) return { delayMs, key };
  throw new MessagingOptionError(`queue "${queue}"`, 'delay', 'must be a duration such as 500, "10s" or "5m"');
}

/** Reads the payload of a dead letter. */
export function readable({ payload, ...letter }: DeadEnvelope, serializer: Serializer): DeadLetter {
  let value: unknown;
  try {
    value = serializer.deserialize(payload);
  } catch {
    // The letter is dead because its payload cannot be read.
  }
  return { ...letter, value };
}
