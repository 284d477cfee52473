/** kysely's driver for a pool. A transaction that the server has ended executes no further statement. */
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import { SqlStatementError } from '../errors.ts';
import { SqlRetryError } from './errors.ts';
import type { Pool } from './pool.ts';
import type { Session, Technology } from './session.ts';

export class ServerDriver implements Driver {
  readonly #pool: Pool;
  readonly #technology: Technology;
  readonly #quote: (name: string) => string;

  /** @param quote - quotes an identifier */
  constructor(pool: Pool, technology: Technology, quote: (name: string) => string) {
    this.#pool = pool;
    this.#technology = technology;
    this.#quote = quote;
  }

  async init(): Promise<void> {
    // The link connects.
  }

  async acquireConnection(): Promise<ServerConnection> {
    return new ServerConnection(await this.#pool.acquire());
  }

  async releaseConnection({ session, endsUnfinished }: ServerConnection): Promise<void> {
    if (endsUnfinished) session.break(new Error('its transaction was not ended'));
    this.#pool.release(session);
  }

  beginTransaction(connection: ServerConnection, settings: TransactionSettings): Promise<void> {
    return connection.begin(this.#technology.begin(settings));
  }

  commitTransaction(connection: ServerConnection): Promise<void> {
    return connection.commit();
  }

  rollbackTransaction(connection: ServerConnection): Promise<void> {
    return connection.rollback();
  }

  async savepoint(connection: ServerConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`savepoint ${this.#quote(name)}`));
  }

  async rollbackToSavepoint(connection: ServerConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`rollback to ${this.#quote(name)}`));
  }

  async releaseSavepoint(connection: ServerConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`release savepoint ${this.#quote(name)}`));
  }

  async destroy(): Promise<void> {
    await this.#pool.close();
  }
}

/** A statement of the application that starts a transaction, which no later user of the connection may find open. */
const startsTransaction = /^\s*(?:begin|start\s+transaction|set\s+autocommit)\b/i;

type TransactionState = 'none' | 'open' | 'lost';

export class ServerConnection implements DatabaseConnection {
  readonly session: Session;
  #transaction: TransactionState = 'none';

  constructor(session: Session) {
    this.session = session;
  }

  /** Whether the connection is released with an open transaction: its end failed, or a statement has started it. */
  get endsUnfinished(): boolean {
    return this.#transaction !== 'none';
  }

  /** Rejects statements after a conflict: MariaDB would commit each of them by itself. */
  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    this.#starts(query);
    try {
      return await this.session.query<R>(query);
    } catch (error) {
      throw this.#noted(error);
    }
  }

  async *streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncGenerator<QueryResult<R>> {
    this.#starts(query);
    try {
      yield* this.session.stream<R>(query, chunkSize);
    } catch (error) {
      throw this.#noted(error);
    }
  }

  #starts({ sql }: CompiledQuery): void {
    if (this.#transaction === 'lost') throw new SqlStatementError('ended-transaction', sql);
    if (this.#transaction === 'none' && startsTransaction.test(sql)) this.#transaction = 'open';
  }

  #noted(error: unknown): unknown {
    if (this.#transaction === 'open' && error instanceof SqlRetryError) this.#transaction = 'lost';
    return error;
  }

  async begin(statements: readonly string[]): Promise<void> {
    for (const statement of statements) await this.executeQuery(CompiledQuery.raw(statement));
    this.#transaction = 'open';
  }

  async commit(): Promise<void> {
    await this.executeQuery(CompiledQuery.raw('commit'));
    this.#transaction = 'none';
  }

  /** Does nothing on a broken connection: the server rolls back by itself. */
  async rollback(): Promise<void> {
    if (!this.session.isBroken) {
      // After a conflict, only this statement may follow.
      this.#transaction = 'open';
      await this.executeQuery(CompiledQuery.raw('rollback'));
    }
    this.#transaction = 'none';
  }
}
