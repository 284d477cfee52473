/**
 * One user's way to the database, from when kysely acquires it until kysely releases it.
 *
 * Writing goes by turns: a connection takes the turn with its first statement that is not known to only read, or with
 * `begin`, and keeps it until it is released. Reading outside of a turn needs none, for it happens on the reader.
 *
 * Waiting is done here and not in SQLite, which would block the event loop. Only `begin immediate` ever meets the lock
 * of another process, and it is run by `exec`: a prepared statement that libsql could not run because of a lock stays
 * half open until it is garbage collected, and until then its handle sees an old state of the database.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import type Libsql from 'libsql';
import { SqlBusyError, type Holder } from '../errors.ts';
import type { Lock } from './lock.ts';
import type { Handles } from './open.ts';
import { onlyReads, runStatement, writes } from './statement.ts';

/** What all connections of a driver share. */
export interface Shared extends Handles {
  readonly turns: Lock;
  /** How long a connection waits for its turn, and for other processes. */
  readonly waitMs: number;
}

/** How often another process's lock is tried again. */
const retryMs = 10;
const begin = 'begin immediate';

export class LibsqlConnection implements DatabaseConnection {
  readonly #shared: Shared;
  #turn: Promise<void> | undefined;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { reader, writer } = this.#shared;
    if (reader && !this.#turn && onlyReads(query)) return runStatement(reader, query);
    await this.#takeTurn(query.sql);
    if (isInTransaction(writer) || !writes(query)) return runStatement(writer, query);
    await this.#lockFile(query.sql);
    try {
      const result = runStatement<R>(writer, query);
      writer.exec('commit');
      return result;
    } catch (error) {
      this.rollback();
      throw error;
    }
  }

  /** Gives all rows at once: a cursor that is left open would hold on to an old state of the database. */
  async *streamQuery<R>(query: CompiledQuery): AsyncGenerator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }

  async begin(): Promise<void> {
    await this.#takeTurn(begin);
    await this.#lockFile(begin);
  }

  commit(): void {
    this.#shared.writer.exec('commit');
  }

  /** Does nothing where SQLite has ended the transaction by itself, as it does when the disk is full. */
  rollback(): void {
    if (isInTransaction(this.#shared.writer)) this.#shared.writer.exec('rollback');
  }

  /** Hands the turn on, with no transaction open in it. */
  release(): void {
    if (!this.#turn) return;
    this.#turn = undefined;
    try {
      this.rollback();
    } finally {
      this.#shared.turns.release();
    }
  }

  #takeTurn(statement: string): Promise<void> {
    return (this.#turn ??= this.#waitForTurn(statement));
  }

  async #waitForTurn(statement: string): Promise<void> {
    if (await this.#shared.turns.acquire(this.#shared.waitMs)) return;
    this.#turn = undefined;
    throw this.#busy(statement, isInTransaction(this.#shared.writer) ? 'transaction' : 'connection');
  }

  async #lockFile(statement: string): Promise<void> {
    const { writer, waitMs } = this.#shared;
    const deadline = performance.now() + waitMs;
    for (;;) {
      try {
        writer.exec(begin);
        return;
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'SQLITE_BUSY') throw error;
        if (performance.now() >= deadline) throw this.#busy(statement, 'process');
      }
      await delay(retryMs);
    }
  }

  #busy(statement: string, holder: Holder): SqlBusyError {
    return new SqlBusyError(statement, holder, this.#shared.waitMs, this.#shared.reader === undefined);
  }
}

/** Asking a closed handle ends the process. */
function isInTransaction(handle: Libsql.Database): boolean {
  return handle.open && handle.inTransaction;
}
