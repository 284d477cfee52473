import type { Deliveries } from '@asphalt/core/deliveries';
import type { Delivery } from './delivery.ts';

export interface PublishOptions {
  /** Messages with the same key are handled one after the other, in the order of their publication. */
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface GroupOptions {
  /** Where a new group starts: with later messages, or with those that the topic still keeps. @default 'now' */
  readonly from?: 'now' | 'start';
}

/**
 * Messages that every group of handlers receives.
 *
 * - Each group receives each message at least once. Handlers of several processes share the messages of their group.
 * - A group without a running handler receives its backlog later, within `keep`.
 * - A message with a key is handled after all earlier ones with this key, also if these are retried. Messages without a key
 *   have no order.
 * - Acknowledgements, attempts and dead letters are those of a {@link Queue}.
 *
 * @example
 * @on(News, (topic) => topic.group('audit'))
 * async record({ value }: Delivery<Article>): Promise<void> { … }
 */
export abstract class Topic<T> {
  abstract readonly name: string;
  /** Publishes a message. Resolves when the engine has stored it. */
  abstract publish(value: T, options?: PublishOptions): Promise<void>;
  /** Returns the source of a group. One handler per application can consume it. */
  abstract group(name: string, options?: GroupOptions): Deliveries<Delivery<T>>;
}
