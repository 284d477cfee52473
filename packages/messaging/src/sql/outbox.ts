import { randomUUID } from 'node:crypto';
import { providedBy } from '@asphalt/core';
import { afterCommit, SqlScopeError, type Transaction } from '@asphalt/sql';
import { sendingOf } from '../engine/engine-queue.ts';
import type { Messaging } from '../messaging.ts';
import type { Queue, SendOptions } from '../queue.ts';
import type { PublishOptions, Topic } from '../topic.ts';
import type { OutboxRow, Tables } from './tables.ts';

/**
 * Sends messages with a transaction: a transaction that is rolled back sends nothing, and a committed one never loses its
 * messages, even if the broker is not available. A relay sends them after the commit.
 */
export class Outbox {
  readonly #messaging: Messaging;
  readonly #committed: () => void;

  /** @param committed - called after the commit of a transaction with messages */
  constructor(messaging: Messaging, committed: () => void) {
    this.#messaging = messaging;
    this.#committed = committed;
  }

  /**
   * Adds a message for a queue to a transaction.
   *
   * @example
   * await outbox.send(transaction, mails, { to: 'ada' });
   */
  async send<T>(transaction: Transaction, { name }: Queue<T>, value: T, options: SendOptions = {}): Promise<void> {
    const sending = sendingOf(name, options);
    await this.#insert(transaction, {
      kind: 'queue',
      target: name,
      message_key: sending.key ?? null,
      headers: JSON.stringify(options.headers ?? {}),
      payload: this.#messaging.serializer.serialize(value),
      due_at: Date.now() + sending.delayMs,
    });
  }

  /** Adds a message for a topic to a transaction. */
  async publish<T>(
    transaction: Transaction,
    { name }: Topic<T>,
    value: T,
    options: PublishOptions = {},
  ): Promise<void> {
    await this.#insert(transaction, {
      kind: 'topic',
      target: name,
      message_key: options.key ?? null,
      headers: JSON.stringify(options.headers ?? {}),
      payload: this.#messaging.serializer.serialize(value),
      due_at: Date.now(),
    });
  }

  async #insert(transaction: Transaction, row: Omit<OutboxRow, 'position' | 'id'>): Promise<void> {
    await (transaction as Transaction<Omit<Tables, 'asphalt_outbox'> & { asphalt_outbox: Omit<OutboxRow, 'position'> }>)
      .insertInto('asphalt_outbox')
      .values({ id: randomUUID(), ...row })
      .execute();
    try {
      afterCommit(transaction, this.#committed);
    } catch (error) {
      // The relay finds the messages of other transactions later.
      if (!(error instanceof SqlScopeError)) throw error;
    }
  }
}

providedBy('OutboxComponent of @asphalt/messaging/sql')(Outbox);
