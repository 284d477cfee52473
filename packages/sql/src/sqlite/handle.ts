/**
 * One open connection to SQLite. It executes single statements, and asks SQLite itself about them: whether the text
 * contains one statement, whether it returns rows, and how many parameters it has.
 */
import type { CompiledQuery, QueryResult } from 'kysely';
import { SqlStatementError } from '../errors.ts';
import {
  action,
  resultCode,
  resultCodeOf,
  verdict,
  type Authorizer,
  type SqliteDatabase,
  type SqliteStatement,
  type SqliteValue,
} from './interface.ts';
import { hasLoneSurrogate, losesTinyNumbers, toRow, toStorable } from './values.ts';

/** SQLite accepts no more parameters in a statement. */
const mostParameters = 32_766;

export class Handle {
  readonly #database: SqliteDatabase;
  readonly #authorizer: Authorizer | null;
  readonly #losesTiny: boolean;
  #totalChanges: SqliteStatement | undefined;

  /** @param authorizer - called while a statement is compiled; can refuse it */
  constructor(database: SqliteDatabase, authorizer: Authorizer | null = null) {
    this.#database = database;
    this.#authorizer = authorizer;
    this.#losesTiny = losesTinyNumbers(database);
    if (authorizer) database.setAuthorizer(authorizer);
  }

  /** False after the handle was closed. */
  get isInTransaction(): boolean {
    return this.#database.isOpen && this.#database.isTransaction;
  }

  /**
   * Executes one statement synchronously.
   *
   * @throws {@link SqlStatementError} if the text is not one statement, or has another number of parameters
   */
  run<R>(query: CompiledQuery): QueryResult<R> {
    return this.#execute(query, (statement, values) => this.#change(statement, values));
  }

  /** Executes one statement if it returns rows, and returns undefined otherwise. */
  read<R>(query: CompiledQuery): QueryResult<R> | undefined {
    return this.#execute(query, () => undefined);
  }

  /** Loads the schema again if another connection has changed it. */
  loadSchema(): void {
    this.#database.prepare('select 1 from sqlite_schema').get();
  }

  /** How many databases the connection has: more than one after an `attach` or with temporary tables. */
  countDatabases(): number {
    return this.#database.prepare('pragma database_list').all().length;
  }

  close(): void {
    this.#database.close();
  }

  #execute<R, Else>(
    { sql, parameters }: CompiledQuery,
    withoutRows: (statement: SqliteStatement, values: readonly SqliteValue[]) => Else,
  ): QueryResult<R> | Else {
    const values = parameters.map((value, index) => toStorable(value, index + 1, sql, this.#losesTiny));
    this.#mustBeOneStatement(sql);
    let statement: SqliteStatement | undefined;
    try {
      statement = this.#database.prepare(sql);
      statement.setReadBigInts(true);
      if (!hasAMarkForEach(values, sql)) mustFit(statement, sql, values);
      const columns = statement.columns().map(({ name }) => name);
      if (columns.length === 0) return withoutRows(statement, values);
      statement.setReturnArrays(true);
      const rows = statement.all(...values) as SqliteValue[][];
      // The caller of kysely declares the type of a row.
      return { rows: rows.map((cells) => toRow(columns, cells)) as R[] };
    } catch (error) {
      if (this.#isEmpty(sql, error)) throw new SqlStatementError('empty', sql);
      if (!statement) throw error;
      const detailed = this.#withResultCode(error, statement, values);
      if (resultCodeOf(detailed) === resultCode.range) mustFit(statement, sql, values);
      throw detailed;
    }
  }

  #change<R>(statement: SqliteStatement, values: readonly SqliteValue[]): QueryResult<R> {
    const before = this.#changes();
    const { changes, lastInsertRowid } = statement.run(...values);
    // SQLite keeps the count of the last insert, update or delete when another statement has run.
    const numAffectedRows = this.#changes() === before ? 0n : BigInt(changes);
    return { rows: [], numAffectedRows, insertId: BigInt(lastInsertRowid) };
  }

  #changes(): number {
    this.#totalChanges ??= this.#database.prepare('select total_changes() as total');
    return (this.#totalChanges.get() as { total: number }).total;
  }

  /**
   * Returns the error with SQLite's result code. The package reports the code when `get` fails, but not when `all` fails,
   * so the statement that failed is repeated in a savepoint, which is undone.
   */
  #withResultCode(error: unknown, statement: SqliteStatement, values: readonly SqliteValue[]): unknown {
    if ((error as { code?: unknown }).code !== 'ERR_SQLITE_ERROR' || resultCodeOf(error) !== undefined) return error;
    this.#database.setAuthorizer(null);
    try {
      this.#database.exec('savepoint asphalt_repeat');
      statement.get(...values);
      return error;
    } catch (repeated) {
      return (repeated as Error).message === (error as Error).message ? repeated : error;
    } finally {
      if (this.#database.isTransaction) this.#database.exec('rollback to asphalt_repeat; release asphalt_repeat');
      this.#database.setAuthorizer(this.#authorizer);
    }
  }

  /** SQLite compiles the first statement of a text and ignores the others. */
  #mustBeOneStatement(sql: string): void {
    if (sql.includes('\0') || hasLoneSurrogate(sql)) throw new SqlStatementError('unreadable', sql);
    // A second statement follows a semicolon, so most texts need no closer look.
    if (!/;\s*\S/.test(sql)) return;
    // Some pragmas take effect when they are compiled.
    this.#database.setAuthorizer((code) => (code === action.pragma ? verdict.ignore : verdict.allow));
    try {
      const first = this.#compiled(sql);
      if (typeof first !== 'string') return;
      const ends = [...sql.matchAll(/;/g)].map(({ index }) => index + 1);
      const end = ends[firstWhere(ends.length, (index) => this.#compiled(sql.slice(0, ends[index])) === first)];
      const rest = end === undefined ? '' : sql.slice(end);
      if (this.#compiled(rest) !== undefined) throw new SqlStatementError('several', sql, rest.trim());
    } finally {
      this.#database.setAuthorizer(this.#authorizer);
    }
  }

  /** The text of the first statement; the error if SQLite refuses it, undefined if there is none. */
  #compiled(sql: string): string | Error | undefined {
    try {
      return this.#database.prepare(sql).expandedSQL;
    } catch (error) {
      return resultCodeOf(error) === undefined ? undefined : (error as Error);
    }
  }

  /** The drivers differ in when and how they fail for a text without a statement. */
  #isEmpty(sql: string, error: unknown): boolean {
    const code = resultCodeOf(error);
    const isSuspicious = code === undefined || code === resultCode.misuse;
    return isSuspicious && this.#database.isOpen && this.#compiled(sql) === undefined;
  }
}

/** Whether the text has exactly one anonymous parameter per value, or SQLite refuses the values. */
function hasAMarkForEach(values: readonly SqliteValue[], sql: string): boolean {
  return !/[:@$]|\?\d/.test(sql) && sql.split('?').length - 1 === values.length;
}

/** SQLite itself takes parameters without a value for null. */
function mustFit(statement: SqliteStatement, sql: string, values: readonly SqliteValue[]): void {
  const named = [...sql.matchAll(/[:@$][\w$\u0080-\uffff]+|\?\d+/g)].find(([name]) => hasParameter(statement, name));
  if (named)
    throw new SqlStatementError('parameters', sql, `the parameter ${named[0]}, which values cannot be passed to`);
  if (fits(statement, values.length) && !fits(statement, values.length + 1)) return;
  const count = firstWhere(mostParameters, (index) => !fits(statement, index + 1));
  throw new SqlStatementError('parameters', sql, `${values.length} values for ${count} parameters`);
}

function hasParameter(statement: SqliteStatement, name: string): boolean {
  try {
    statement.iterate({ [name]: null });
    return true;
  } catch {
    return false;
  }
}

/** Whether a statement has at least so many parameters. Does not execute it. */
function fits(statement: SqliteStatement, count: number): boolean {
  if (count > mostParameters) return false;
  try {
    statement.iterate(...Array.from({ length: count }, () => null));
    return true;
  } catch (error) {
    if (resultCodeOf(error) === resultCode.range) return false;
    throw error;
  }
}

/** The lowest index from which on the condition holds, by binary search; `length` if it never does. */
function firstWhere(length: number, condition: (index: number) => boolean): number {
  let [from, to] = [0, length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (condition(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}
