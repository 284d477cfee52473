import type { Deliveries, Duration } from '@asphalt/core/deliveries';
import type { Delivery } from './delivery.ts';
import type { Failure, QueueState } from './engine/engine.ts';

export interface SendOptions {
  /** Time before a handler receives the message, in milliseconds or as text such as `10m`. @default 0 */
  readonly delay?: Duration;
  /**
   * Identifies the message to its sender. A second message with the same key is dropped while the engine remembers the first
   * one: at least until it was handled, and for `keep` after it was sent.
   */
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A message that failed for good. */
export interface DeadLetter extends Failure {
  readonly id: string;
  /** The payload; undefined if it cannot be read. It is not validated. */
  readonly value: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly attempts: number;
  readonly failedAt: Date;
}

/**
 * Messages that one of several handlers handles.
 *
 * - A message is delivered at least once, in no particular order. If its process ends before the acknowledgement, it is
 *   delivered again after `lease`.
 * - It is acknowledged after the context of the handler has closed without an error, so after the commit of its transaction.
 * - If the context closes with an error, the message is delivered again after a delay. After the last attempt it becomes a
 *   dead letter, and `onError` receives the error once.
 * - Effects happen once if the handler uses the inbox of `@asphalt/messaging/sql`.
 *
 * @example
 * @on(Mails, (queue) => queue.messages, { concurrency: 8 })
 * async send({ value }: Delivery<Mail>): Promise<void> { … }
 */
export abstract class Queue<T> {
  abstract readonly name: string;
  /** The source of a handler. One handler per application can consume it. */
  abstract readonly messages: Deliveries<Delivery<T>>;
  /** Sends a message. Resolves when the engine has stored it. */
  abstract send(value: T, options?: SendOptions): Promise<void>;
  /** Returns the numbers of the queue. */
  abstract state(): Promise<QueueState>;
  /** Returns the oldest dead letters. @param limit - defaults to 100 */
  abstract deadLetters(limit?: number): Promise<readonly DeadLetter[]>;
  /**
   * Sends dead letters again. Their attempts count from 1.
   *
   * @param ids - defaults to all
   * @returns their number
   */
  abstract retryDeadLetters(ids?: readonly string[]): Promise<number>;
}
