/** Opens and closes a database and hands out connections to it. */
import { CompiledQuery, type Driver } from 'kysely';
import { LibsqlConnection, type Shared } from './connection.ts';
import { Lock } from './lock.ts';
import { openHandles } from './open.ts';

export interface LibsqlOptions {
  /** The database file; without it the data live in memory. */
  readonly file?: string | undefined;
  /** How many milliseconds a statement or a transaction waits for a busy database before it fails. */
  readonly waitMs: number;
}

export class LibsqlDriver implements Driver {
  readonly #options: LibsqlOptions;
  #shared: Shared | undefined;

  constructor(options: LibsqlOptions) {
    this.#options = options;
  }

  async init(): Promise<void> {
    const { file, waitMs } = this.#options;
    this.#shared = { ...(await openHandles(file)), turns: new Lock(), waitMs };
  }

  async acquireConnection(): Promise<LibsqlConnection> {
    // kysely calls `init` first.
    return new LibsqlConnection(this.#shared!);
  }

  async releaseConnection(connection: LibsqlConnection): Promise<void> {
    connection.release();
  }

  async beginTransaction(connection: LibsqlConnection): Promise<void> {
    await connection.begin();
  }

  async commitTransaction(connection: LibsqlConnection): Promise<void> {
    connection.commit();
  }

  async rollbackTransaction(connection: LibsqlConnection): Promise<void> {
    connection.rollback();
  }

  async savepoint(connection: LibsqlConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`savepoint ${quoted(name)}`));
  }

  async rollbackToSavepoint(connection: LibsqlConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`rollback to ${quoted(name)}`));
  }

  async releaseSavepoint(connection: LibsqlConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`release ${quoted(name)}`));
  }

  /** Waits for the work under way, as long as statements wait; a transaction that has not ended by then is undone. */
  async destroy(): Promise<void> {
    if (!this.#shared) return;
    const { writer, reader, turns, waitMs } = this.#shared;
    await turns.acquire(waitMs);
    try {
      // A handle outlives `close` until its statements are garbage collected, so nothing is left to that moment: neither
      // the lock of a transaction nor moving the log into the file.
      if (writer.inTransaction) writer.exec('rollback');
      if (reader) writer.exec('pragma wal_checkpoint(truncate)');
    } finally {
      reader?.close();
      writer.close();
    }
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
