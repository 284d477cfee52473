/**
 * Runs one statement on a libsql handle, and tells statements apart by what they need.
 *
 * It also stands between parameters and libsql, which ends the whole process when it is given a boolean and cuts a
 * string short, when it is read again, at its first NUL.
 */
import type { CompiledQuery, QueryResult } from 'kysely';
import type Libsql from 'libsql';
import { SqlValueError } from '../errors.ts';

/** Runs a statement, synchronously, as everything in libsql is. */
export function runStatement<R>(handle: Libsql.Database, { sql, parameters }: CompiledQuery): QueryResult<R> {
  const values = parameters.map((value, index) => storable(value, index + 1, sql));
  const statement = handle.prepare(sql);
  // kysely's caller says what a row is; the driver cannot know.
  if (statement.reader) return { rows: statement.all(values) as R[] };
  const { changes, lastInsertRowid } = statement.run(values);
  return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
}

/** Whether a statement only reads. Raw SQL that begins with `with` may write, so it counts as writing. */
export function onlyReads({ query, sql }: CompiledQuery): boolean {
  return query.kind === 'SelectQueryNode' || /^\s*(?:select|values)\b/i.test(sql);
}

/** Whether a statement writes and may do so inside of a transaction, which `pragma` or `vacuum` may not. */
export function writes({ sql }: CompiledQuery): boolean {
  return /^\s*(?:insert|update|delete|replace|with|create|drop|alter|reindex|analyze)\b/i.test(sql);
}

function storable(value: unknown, position: number, statement: string): unknown {
  const refuse = (what: string, help: string): SqlValueError => new SqlValueError(statement, position, what, help);
  switch (typeof value) {
    case 'boolean':
      return value ? 1 : 0;
    case 'string':
      if (!value.includes('\0')) return value;
      throw refuse('text with a NUL character', 'take the character out, or store bytes: Buffer.from(text)');
    case 'bigint':
      if (BigInt.asIntN(64, value) === value) return value;
      throw refuse('a bigint of more than 64 bits', 'store it as text: String(value)');
    case 'number':
    case 'undefined':
      return value;
    default:
      if (value === null || value instanceof Uint8Array) return value;
      if (value instanceof Date) throw refuse('a Date', 'store text, date.toISOString(), or a number, date.getTime()');
      throw refuse(nameOfType(value), 'store text, such as JSON.stringify(value), or bytes');
  }
}

function nameOfType(value: unknown): string {
  if (typeof value !== 'object') return `a ${typeof value}`;
  return `an object of type ${value?.constructor?.name ?? 'null'}`;
}
