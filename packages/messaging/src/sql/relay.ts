/**
 * Sends the messages of the outbox. Several processes share the rows: on servers, each locks those that it sends, and the
 * others skip them. A row is deleted after the engine has stored its message. A process that ends between the two sends the
 * message again, with the same id and key.
 */
import type { Logger } from '@asphalt/core';
import { SqlRetryError, type Database } from '@asphalt/sql';
import { backOff, pause } from '@asphalt/integration';
import type { Messaging } from '../messaging.ts';
import { dialectOf, type OutboxRow, type Tables } from './tables.ts';

export interface RelayOptions {
  /** Number of rows that are sent in one transaction. */
  readonly batch: number;
  /** Interval in which the relay looks for rows of other processes, in milliseconds. */
  readonly pollMs: number;
  readonly logger: Logger;
}

const retryBackOff = { minDelay: 100, maxDelay: 2000 };

export class Relay {
  readonly #db: Database<Tables>;
  readonly #messaging: Messaging;
  readonly #options: RelayOptions;
  #wake: (() => void) | undefined;
  /** Whether rows were added since the relay last looked. */
  #isAwake = true;
  /** The error of the last attempt; undefined after a success. */
  failure: Error | undefined;

  constructor(db: Database, messaging: Messaging, options: RelayOptions) {
    this.#db = db;
    this.#messaging = messaging;
    this.#options = options;
  }

  /** Wakes the relay. */
  readonly wake = (): void => {
    this.#isAwake = true;
    this.#wake?.();
  };

  /** Sends messages until the signal aborts. */
  async run(abort: AbortSignal): Promise<void> {
    for (let failures = 0; !abort.aborted;) {
      try {
        this.#isAwake = false;
        const sent = await this.sendBatch();
        failures = 0;
        this.failure = undefined;
        if (sent < this.#options.batch) await this.#rows(abort);
      } catch (error) {
        // Another transaction wins over this one without an outage.
        if (error instanceof SqlRetryError) continue;
        this.failure = error as Error;
        const { logger } = this.#options;
        if (failures++ === 0)
          logger.warn('The outbox cannot send its messages, which wait for the next attempt', { error });
        await pause(backOff(failures, retryBackOff), abort).catch(() => undefined);
      }
    }
  }

  /** Sends the oldest messages. @returns their number @throws the error of the first message that the engine refused */
  async sendBatch(): Promise<number> {
    return dialectOf(this.#db) === 'sqlite' ? this.#sendAlone() : this.#sendLocked();
  }

  async #sendLocked(): Promise<number> {
    // In MariaDB, other levels also lock the gaps between the rows, and thereby inserts.
    const locking = this.#db.transaction().setIsolationLevel('read committed');
    const { sent, failure } = await locking.execute(async (transaction) => {
      const rows = await this.#oldest(transaction).forUpdate().skipLocked().execute();
      return this.#send(rows, transaction);
    });
    if (failure) throw failure.error;
    return sent;
  }

  /** A transaction would lock the whole database while the engine stores the messages. */
  async #sendAlone(): Promise<number> {
    const { sent, failure } = await this.#send(await this.#oldest(this.#db).execute(), this.#db);
    if (failure) throw failure.error;
    return sent;
  }

  #oldest(db: Database<Tables>) {
    return db.selectFrom('asphalt_outbox').selectAll().orderBy('position').limit(this.#options.batch);
  }

  /** Sends rows in their order until one fails, and deletes those that were sent. */
  async #send(rows: readonly OutboxRow[], db: Database<Tables>) {
    const sent: number[] = [];
    let failure: { readonly error: unknown } | undefined;
    try {
      for (const row of rows) {
        await this.#forward(row);
        sent.push(row.position);
      }
    } catch (error) {
      failure = { error };
    }
    await this.#delete(sent, db);
    return { sent: sent.length, failure };
  }

  async #delete(positions: readonly number[], db: Database<Tables>): Promise<void> {
    const rows = db.deleteFrom('asphalt_outbox');
    // With a list, MariaDB also locks rows that other processes are sending.
    if (dialectOf(db) === 'mariadb')
      for (const position of positions) await rows.where('position', '=', position).execute();
    else if (positions.length > 0) await rows.where('position', 'in', positions).execute();
  }

  async #forward({ kind, target, id, message_key: key, headers, payload, due_at: dueAt }: OutboxRow): Promise<void> {
    const envelope = { id, payload, headers: JSON.parse(headers) as Record<string, string> };
    const delayMs = Math.max(0, Number(dueAt) - Date.now());
    if (kind === 'topic') await this.#messaging.topicStore(target).publish(envelope, key ?? undefined);
    else await this.#messaging.queueStore(target).send(envelope, { delayMs, key: key ?? id });
  }

  /** Resolves when rows were added in this process, or may have been added in others. */
  async #rows(abort: AbortSignal): Promise<void> {
    if (this.#isAwake) return;
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    await pause(this.#options.pollMs, AbortSignal.any([abort, woken.signal])).catch(() => undefined);
    this.#wake = undefined;
  }
}
