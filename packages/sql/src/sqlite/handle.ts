/**
 * One open connection to SQLite, which executes single statements.
 *
 * The handle caches compiled statements. The package frees them only during garbage collection, and the garbage collector
 * does not know how much memory they take.
 */
import type { CompiledQuery, QueryResult } from 'kysely';
import type { Rules } from './authorizers.ts';
import { clearValues, Compiler, type CompiledStatement } from './compiler.ts';
import { resultCode, resultCodeOf, type SqliteDatabase, type SqliteStatement, type SqliteValue } from './interface.ts';
import { losesTinyNumbers, toRow, toStorable } from './values.ts';

const mostStatements = 200;
/** Statements with a longer text are not cached. */
const longestText = 10_000;
/** A cached statement keeps the values of its last execution in memory. Longer values are cleared. */
const longestValue = 1000;

export class Handle {
  readonly #database: SqliteDatabase;
  readonly #compiler: Compiler;
  readonly #losesTiny: boolean;
  readonly #totalChanges: SqliteStatement;
  readonly #schemaVersion: SqliteStatement;
  /** The cached statements by their text, least recently used first. */
  readonly #statements = new Map<string, CompiledStatement>();
  #knownSchema: unknown;

  /** @param rules - can refuse statements while SQLite compiles them */
  constructor(database: SqliteDatabase, rules?: Rules) {
    this.#database = database;
    this.#losesTiny = losesTinyNumbers(database);
    this.#totalChanges = database.prepare('select total_changes() as total');
    this.#schemaVersion = database.prepare('pragma schema_version');
    this.#compiler = new Compiler(database, rules);
  }

  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  /** Always false after the handle was closed. */
  get isInTransaction(): boolean {
    return this.#database.isOpen && this.#database.isTransaction;
  }

  /**
   * Executes one statement synchronously.
   *
   * @throws {@link SqlStatementError} if the text is not one statement, or the numbers of values and parameters differ
   */
  run<R>(query: CompiledQuery): QueryResult<R> {
    return this.#execute(query, (statement, values) => this.#change(statement, values));
  }

  /** Executes one statement if it returns rows, and returns undefined otherwise. */
  read<R>(query: CompiledQuery): QueryResult<R> | undefined {
    return this.#execute(query, () => undefined);
  }

  /** Executes all statements of a text synchronously. Discards their rows. */
  runScript(text: string): QueryResult<never> {
    this.#compiler.execute(text);
    return { rows: [] };
  }

  /** Returns the number of databases of the connection: more than one after an `attach` or with temporary tables. */
  countDatabases(): number {
    return this.#compiler.exempt(() => this.#database.prepare('pragma database_list').all().length);
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #execute<R, Else>(
    { sql, parameters }: CompiledQuery,
    withoutRows: (statement: SqliteStatement, values: readonly SqliteValue[]) => Else,
  ): QueryResult<R> | Else {
    const values = parameters.map((value, index) => toStorable(value, index + 1, sql, this.#losesTiny));
    const { statement, columns } = this.#compiled(sql, values.length);
    try {
      if (columns.length === 0) return withoutRows(statement, values);
      const rows = statement.all(...values) as SqliteValue[][];
      // The caller declares the type of a row.
      return { rows: rows.map((cells) => toRow(columns, cells)) as R[] };
    } catch (error) {
      throw this.#withResultCode(error, statement, values);
    } finally {
      if (this.#database.isOpen && values.some(isLong)) clearValues(statement, values.length);
    }
  }

  #compiled(sql: string, valueCount: number): CompiledStatement {
    if (this.#database.isOpen) this.#adoptSchema();
    // A table of another database can hide one of the same name without a change of the schema version.
    if (sql.length > longestText || this.#compiler.hasOtherDatabases) return this.#compiler.compile(sql, valueCount);
    const cached = this.#statements.get(sql);
    const usable = cached?.parameters === valueCount ? cached : this.#compiler.compile(sql, valueCount);
    this.#statements.delete(sql);
    if (usable.isReusable) this.#statements.set(sql, usable);
    const [oldest] = this.#statements.keys();
    if (this.#statements.size > mostStatements) this.#statements.delete(oldest!);
    return usable;
  }

  /**
   * Loads a changed schema before a statement is compiled. SQLite compiles with the schema that the connection has loaded,
   * and detects a change only when it executes the statement.
   */
  #adoptSchema(): void {
    const { schema_version: version } = this.#compiler.exempt(() => this.#schemaVersion.get()) as {
      schema_version: number;
    };
    if (version === this.#knownSchema) return;
    this.#statements.clear();
    this.#compiler.exempt(() => this.#database.prepare('select 1 from sqlite_schema').get());
    this.#knownSchema = version;
  }

  #change<R>(statement: SqliteStatement, values: readonly SqliteValue[]): QueryResult<R> {
    const before = this.#changes();
    const { changes, lastInsertRowid } = statement.run(...values);
    // After other statements, `changes` still contains the count of the last insert, update or delete.
    const numAffectedRows = this.#changes() === before ? 0n : BigInt(changes);
    return { rows: [], numAffectedRows, insertId: BigInt(lastInsertRowid) };
  }

  #changes(): number {
    return (this.#compiler.exempt(() => this.#totalChanges.get()) as { total: number }).total;
  }

  /**
   * Returns the error with SQLite's result code. The package reports the code when `get` fails, but not when `all` fails.
   * The failed statement is therefore repeated in a savepoint, which is rolled back.
   */
  #withResultCode(error: unknown, statement: SqliteStatement, values: readonly SqliteValue[]): unknown {
    if ((error as { code?: unknown }).code !== 'ERR_SQLITE_ERROR' || resultCodeOf(error) !== undefined) return error;
    try {
      this.#compiler.exempt(() => this.#database.exec('savepoint asphalt_repeat'));
      statement.get(...values);
    } catch (repeated) {
      if ((repeated as Error).message === (error as Error).message) return repeated;
    } finally {
      if (this.#database.isTransaction)
        this.#compiler.exempt(() => this.#database.exec('rollback to asphalt_repeat; release asphalt_repeat'));
    }
    // The repeated statement succeeded, so another connection has just released the lock.
    return Object.assign(error as Error, { errcode: resultCode.busy });
  }
}

function isLong(value: SqliteValue): boolean {
  return (typeof value === 'string' || value instanceof Uint8Array) && value.length > longestValue;
}
