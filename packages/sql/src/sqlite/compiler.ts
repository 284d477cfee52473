/**
 * Compiles the texts of statements. SQLite itself decides whether a text contains one statement, which columns its rows
 * have, and how many parameters it has.
 */
import { SqlStatementError } from '../errors.ts';
import { addsDatabase, type Rules } from './authorizers.ts';
import { action, resultCode, resultCodeOf, verdict, type SqliteDatabase, type SqliteStatement } from './interface.ts';
import { hasLoneSurrogate } from './values.ts';

export interface CompiledStatement {
  readonly statement: SqliteStatement;
  /** The columns of its rows; none if it returns no rows. */
  readonly columns: readonly string[];
  readonly parameters: number;
  /** Whether it can be executed again as long as the schema stays the same. */
  readonly isReusable: boolean;
}

/** SQLite accepts no more parameters in a statement. */
const mostParameters = 32_766;

export class Compiler {
  readonly #database: SqliteDatabase;
  /** The origin of the statement that SQLite compiles. `none`: it compiles for virtual tables while it executes one. */
  #mode: 'user' | 'driver' | 'inspect' | 'none' = 'none';
  #usesPragma = false;
  #hasOtherDatabases = false;

  /** @param rules - can refuse statements while SQLite compiles them */
  constructor(database: SqliteDatabase, rules: Rules | undefined) {
    this.#database = database;
    database.setAuthorizer((code, argument, detail) => {
      if (this.#mode === 'driver') return verdict.allow;
      // FTS5 uses this pragma to detect changes before it reads.
      if (this.#mode === 'none' && argument === 'data_version') return verdict.allow;
      // Some pragmas take effect when they are compiled.
      if (this.#mode === 'inspect') return code === action.pragma ? verdict.ignore : verdict.allow;
      if (code === action.pragma) this.#usesPragma = true;
      if (addsDatabase(code)) this.#hasOtherDatabases = true;
      return rules?.authorize(code, argument, detail) ?? verdict.allow;
    });
  }

  /** @throws {@link SqlStatementError} if the text is not one statement with `valueCount` parameters */
  compile(sql: string, valueCount: number): CompiledStatement {
    this.#mustBeOneStatement(sql);
    this.#usesPragma = false;
    const statement = this.#in('user', () => this.#prepare(sql));
    mustFit(statement, sql, valueCount);
    statement.setReadBigInts(true);
    const columns = statement.columns().map(({ name }) => name);
    if (columns.length > 0) statement.setReturnArrays(true);
    // Pragmas are partly executed when they are compiled, and only the schema of the main database is compared.
    const isReusable = !this.#usesPragma && !this.#hasOtherDatabases;
    return { statement, columns, parameters: valueCount, isReusable };
  }

  /** Executes all statements of a text. Applies the rules to each. */
  execute(script: string): void {
    mustBeReadable(script);
    this.#in('user', () => this.#database.exec(script));
  }

  /** Whether the connection may have temporary tables or attached databases. */
  get hasOtherDatabases(): boolean {
    return this.#hasOtherDatabases;
  }

  /** Calls a function without applying rules to its statements, which are the driver's own. */
  exempt<T>(use: () => T): T {
    return this.#in('driver', use);
  }

  #in<T>(mode: 'user' | 'driver' | 'inspect', use: () => T): T {
    this.#mode = mode;
    try {
      return use();
    } finally {
      this.#mode = 'none';
    }
  }

  #prepare(sql: string): SqliteStatement {
    let statement: SqliteStatement | undefined;
    try {
      statement = this.#database.prepare(sql);
    } catch (error) {
      if (resultCodeOf(error) !== undefined || !this.#database.isOpen) throw error;
    }
    if (statement === undefined || textOf(statement) === undefined) throw new SqlStatementError('empty', sql);
    return statement;
  }

  /** SQLite compiles the first statement of a text and ignores the others. */
  #mustBeOneStatement(sql: string): void {
    mustBeReadable(sql);
    // A second statement follows a semicolon, which most texts do not contain.
    if (!/;\s*\S/.test(sql)) return;
    const rest = this.#in('inspect', () => this.#afterFirst(sql));
    if (rest !== undefined) throw new SqlStatementError('several', sql, rest.trim());
  }

  /** Returns the text after the first statement; undefined if that text contains no statement. */
  #afterFirst(sql: string): string | undefined {
    const first = this.#firstOf(sql);
    if (typeof first !== 'string') return undefined;
    // If a prefix of the text contains the whole first statement, SQLite compiles the prefix to the same statement.
    const ends = [...sql.matchAll(/;/g)].map(({ index }) => index + 1);
    const end = ends[firstWhere(ends.length, (index) => this.#firstOf(sql.slice(0, ends[index])) === first)];
    const rest = end === undefined ? '' : sql.slice(end);
    return this.#firstOf(rest) === undefined ? undefined : rest;
  }

  /** Returns the text of the first statement, the error if SQLite refuses it, or undefined if no statement exists. */
  #firstOf(sql: string): string | Error | undefined {
    try {
      return textOf(this.#database.prepare(sql));
    } catch (error) {
      return resultCodeOf(error) === undefined ? undefined : (error as Error);
    }
  }
}

function mustBeReadable(sql: string): void {
  if (sql.includes('\0') || hasLoneSurrogate(sql)) throw new SqlStatementError('unreadable', sql);
}

/** Returns undefined for a text without a statement. Some drivers report one by an error, others by a missing text. */
function textOf(statement: SqliteStatement): string | undefined {
  try {
    return statement.expandedSQL;
  } catch {
    return undefined;
  }
}

/** Compares the numbers of values and parameters, because SQLite itself treats missing values as null. */
function mustFit(statement: SqliteStatement, sql: string, count: number): void {
  const got = ((): string | undefined => {
    const named = [...sql.matchAll(/[:@$][\w$\u0080-\uffff]+|\?\d+/g)].find(([name]) => hasParameter(statement, name));
    if (named) return `the parameter ${named[0]}, which values cannot be passed to`;
    if (hasParameters(statement, count) && !hasParameters(statement, count + 1)) return undefined;
    const actual = firstWhere(mostParameters, (index) => !hasParameters(statement, index + 1));
    return `${count} values for ${actual} parameters`;
  })();
  if (got !== undefined) throw new SqlStatementError('parameters', sql, got);
}

function hasParameter(statement: SqliteStatement, name: string): boolean {
  try {
    statement.iterate({ [name]: null });
    return true;
  } catch {
    return false;
  }
}

/** Whether a statement has at least `count` anonymous parameters. Does not execute it. */
function hasParameters(statement: SqliteStatement, count: number): boolean {
  if (count > mostParameters) return false;
  try {
    clearValues(statement, count);
    return true;
  } catch (error) {
    if (resultCodeOf(error) === resultCode.range) return false;
    throw error;
  }
}

/** Sets the values of a statement to null. Does not execute it. */
export function clearValues(statement: SqliteStatement, count: number): void {
  statement.iterate(...Array.from({ length: count }, () => null));
}

/** Returns the lowest index at which the condition starts to hold, by binary search; `length` if it never holds. */
function firstWhere(length: number, condition: (index: number) => boolean): number {
  let [from, to] = [0, length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (condition(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}
