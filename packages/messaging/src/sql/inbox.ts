import { providedBy } from '@asphalt/core';
import type { Delivery } from '@asphalt/integration';
import type { Database, Transaction } from '@asphalt/sql';
import { dialectOf, type Tables } from './tables.ts';

/**
 * The messages that handlers of this database have handled. With it, the effects of a message in the database happen once,
 * although the message may be delivered several times.
 */
export class Inbox {
  readonly #db: Database<Tables>;
  readonly #keepMs: number;

  constructor(db: Database, keepMs: number) {
    this.#db = db;
    this.#keepMs = keepMs;
  }

  /**
   * Notes a message in the transaction of its handler. Returns false if a committed transaction has noted it before: return
   * from the handler then, and the message is acknowledged. If another process handles it at the same time, the call waits for
   * the end of its transaction.
   *
   * @example
   * if (!(await inbox.accept(transaction, delivery))) return;
   */
  async accept(
    transaction: Transaction,
    { id, source = '' }: Pick<Delivery<unknown>, 'id'> & { readonly source?: string },
  ): Promise<boolean> {
    const insert = (transaction as Transaction<Tables>)
      .insertInto('asphalt_inbox')
      .values({ source, id, accepted_at: Date.now() });
    const isMariadb = dialectOf(transaction) === 'mariadb';
    const { numInsertedOrUpdatedRows } = await (
      isMariadb ? insert.ignore() : insert.onConflict((conflict) => conflict.doNothing())
    ).executeTakeFirstOrThrow();
    return Number(numInsertedOrUpdatedRows) > 0;
  }

  /** Forgets the messages that were accepted longer ago than `keep`. Returns their number. */
  async expire(): Promise<number> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('asphalt_inbox')
      .where('accepted_at', '<', Date.now() - this.#keepMs)
      .executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  }
}

providedBy('OutboxComponent of @asphalt/messaging/sql')(Inbox);
