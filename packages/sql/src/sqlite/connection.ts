/**
 * One user's access to the database, from the time kysely acquires it until kysely releases it.
 *
 * Statements that may write take turns. A connection takes the turn with its first statement that SQLite does not accept
 * on the read-only connection, or with `begin`, and keeps it until it is released. Without a turn, reading uses the
 * read-only connection and does not wait.
 */
import { CompiledQuery, type DatabaseConnection, type QueryResult } from 'kysely';
import { SqlBusyError, SqlStatementError, type Holder } from '../errors.ts';
import { Script } from '../script.ts';
import { isReadOnly } from './interface.ts';
import type { Lock } from './lock.ts';
import type { Handles } from './open.ts';
import { whileBusy } from './while-busy.ts';

/** The state that all connections of a driver share. */
export interface Shared extends Handles {
  readonly turns: Lock;
  /** How long a connection waits for its turn, and for other processes. */
  readonly waitMs: number;
  /**
   * Whether the writer has temporary tables, attached databases or settings that the reader lacks. All statements then use
   * the writer, as in memory.
   */
  writerDiffers: boolean;
}

/** kysely's log shows the statement of this object, as it does for its own dialects of SQLite. */
const begin = CompiledQuery.raw('begin');
/** Takes the write lock immediately. A transaction that reads first cannot take it after another process has written. */
const beginImmediate = CompiledQuery.raw('begin immediate');
const commit = CompiledQuery.raw('commit');
const rollback = CompiledQuery.raw('rollback');

function queryOnly(value: 'on' | 'off'): CompiledQuery {
  return CompiledQuery.raw(`pragma query_only = ${value}`);
}

export class SqliteConnection implements DatabaseConnection {
  readonly #shared: Shared;
  #turn: Promise<void> | undefined;
  /** Whether kysely has started a transaction and not ended it. */
  #hasTransaction = false;
  /** Whether statements that write are refused. */
  #readsOnly = false;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      return await this.#execute<R>(query);
    } catch (error) {
      // The frames of the driver would displace the caller, because a stack contains only ten.
      if (error instanceof Error) Error.captureStackTrace(error);
      throw error;
    }
  }

  /** Rejects statements of a transaction that SQLite has ended: each of them would be committed by itself. */
  async #execute<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { writer } = this.#shared;
    if (this.#hasTransaction && writer.isOpen && !writer.isInTransaction)
      throw new SqlStatementError('ended-transaction', query.sql);
    const executed = query === begin ? beginImmediate : query;
    const rows = await this.#read<R>(executed);
    if (rows) return rows;
    if (this.#readsOnly && !this.#hasTransaction) throw new SqlStatementError('read-only', query.sql);
    return this.#write<R>(executed);
  }

  /** Reads all rows at once. An open cursor would keep an old state of the database on its connection. */
  async *streamQuery<R>(query: CompiledQuery): AsyncGenerator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }

  /** A transaction that only reads a file needs no turn. Each of its statements reads the last committed data. */
  async begin(readOnly: boolean): Promise<void> {
    const { reader, writer, writerDiffers } = this.#shared;
    if (!readOnly || !reader || writerDiffers) {
      await this.executeQuery(begin);
      this.#hasTransaction = true;
      if (readOnly) writer.run(queryOnly('on'));
    }
    this.#readsOnly = readOnly;
  }

  async commit(): Promise<void> {
    if (this.#hasTransaction) await this.executeQuery(commit);
    this.#hasTransaction = false;
  }

  /** Does nothing if SQLite has ended the transaction itself, as it does when the disk is full. */
  async rollback(): Promise<void> {
    this.#hasTransaction = false;
    if (this.#turn && this.#shared.writer.isInTransaction) await this.executeQuery(rollback);
  }

  /** Passes the turn on, without an open transaction. */
  release(): void {
    if (!this.#turn) return;
    this.#turn = undefined;
    this.#hasTransaction = false;
    const { writer } = this.#shared;
    try {
      if (writer.isInTransaction) writer.run(rollback);
      if (this.#readsOnly) writer.run(queryOnly('off'));
    } finally {
      this.#shared.turns.release();
    }
  }

  /** Returns undefined if only the writer can execute the statement. */
  async #read<R>(query: CompiledQuery): Promise<QueryResult<R> | undefined> {
    const { reader, readerRules, waitMs, writerDiffers } = this.#shared;
    if (!reader || this.#turn || writerDiffers || !mayRead(query)) return undefined;
    const attempt = (): QueryResult<R> | undefined => {
      readerRules.reset();
      try {
        return reader.read<R>(query);
      } catch (error) {
        if (readerRules.refused || isReadOnly(error)) return undefined;
        throw error;
      }
    };
    return whileBusy(attempt, waitMs, () => this.#busy(query.sql, 'process'));
  }

  async #write<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    await this.#takeTurn(query.sql);
    const { waitMs } = this.#shared;
    return whileBusy(
      () => this.#runOnWriter<R>(query),
      waitMs,
      () => this.#busy(query.sql, 'process'),
    );
  }

  #runOnWriter<R>(query: CompiledQuery): QueryResult<R> {
    const { writer, writerWatch: watch } = this.#shared;
    watch.reset();
    try {
      const result: QueryResult<R> = query instanceof Script ? writer.runScript(query.sql) : writer.run<R>(query);
      const differs = watch.changedReading || (watch.mayHaveAdded && writer.countDatabases() > 1);
      if (differs) this.#shared.writerDiffers = true;
      return result;
    } catch (error) {
      if (this.#readsOnly && isReadOnly(error)) throw new SqlStatementError('read-only', query.sql);
      if (watch.refusedPragma === undefined) throw error;
      throw new SqlStatementError('setting', query.sql, watch.refusedPragma);
    }
  }

  #takeTurn(statement: string): Promise<void> {
    return (this.#turn ??= this.#waitForTurn(statement));
  }

  async #waitForTurn(statement: string): Promise<void> {
    if (await this.#shared.turns.acquire(this.#shared.waitMs)) return;
    this.#turn = undefined;
    throw this.#busy(statement, this.#shared.writer.isInTransaction ? 'transaction' : 'connection');
  }

  #busy(statement: string, holder: Holder): SqlBusyError {
    const { reader, writerDiffers, waitMs } = this.#shared;
    const fileSharing = writerDiffers ? 'changed-file' : 'file';
    return new SqlBusyError(statement, holder, waitMs, reader ? fileSharing : 'memory');
  }
}

/** Whether to try a statement on the reader. kysely marks the kind of the statements that it builds, but not of raw SQL. */
function mayRead(compiled: CompiledQuery): boolean {
  const { query } = compiled;
  return !(compiled instanceof Script) && (query.kind === 'SelectQueryNode' || query.kind === 'RawNode');
}
