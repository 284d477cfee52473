/** Opens and closes a database and hands out connections to it. */
import { CompiledQuery, type Driver, type TransactionSettings } from 'kysely';
import { SqliteConnection, type Shared } from './connection.ts';
import { Lock } from './lock.ts';
import { openHandles, type SqliteOptions } from './open.ts';

export class NodeSqliteDriver implements Driver {
  readonly #options: SqliteOptions;
  #shared: Shared | undefined;

  constructor(options: SqliteOptions) {
    this.#options = options;
  }

  async init(): Promise<void> {
    const handles = await openHandles(this.#options);
    this.#shared = { ...handles, turns: new Lock(), waitMs: this.#options.waitMs, writerDiffers: false };
  }

  async acquireConnection(): Promise<SqliteConnection> {
    // kysely calls `init` first.
    return new SqliteConnection(this.#shared!);
  }

  async releaseConnection(connection: SqliteConnection): Promise<void> {
    connection.release();
  }

  /** Every transaction is serializable. */
  async beginTransaction(connection: SqliteConnection, { accessMode }: TransactionSettings): Promise<void> {
    await connection.begin(accessMode === 'read only');
  }

  async commitTransaction(connection: SqliteConnection): Promise<void> {
    await connection.commit();
  }

  async rollbackTransaction(connection: SqliteConnection): Promise<void> {
    await connection.rollback();
  }

  async savepoint(connection: SqliteConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`savepoint ${quoted(name)}`));
  }

  async rollbackToSavepoint(connection: SqliteConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`rollback to ${quoted(name)}`));
  }

  async releaseSavepoint(connection: SqliteConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`release ${quoted(name)}`));
  }

  /** Waits up to `waitMs` for running work, rolls back a transaction that is still open, and closes the connections. */
  async destroy(): Promise<void> {
    if (!this.#shared) return;
    const { writer, reader, turns, waitMs } = this.#shared;
    await turns.acquire(waitMs);
    try {
      // The package closes a connection only when its statements are garbage collected. Release the lock of a transaction
      // and move the log into the file now.
      if (writer.isInTransaction) writer.run(CompiledQuery.raw('rollback'));
      if (reader) writer.run(CompiledQuery.raw('pragma wal_checkpoint(truncate)'));
    } finally {
      reader?.close();
      writer.close();
    }
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
