/** Converts parameters to values that SQLite can store, and rows to plain objects. */
import { types } from 'node:util';
import { SqlValueError } from '../errors.ts';
import type { SqliteDatabase, SqliteValue } from './interface.ts';

/** @photostructure/sqlite stores positive numbers below this as 0. */
const tiniest = Number.EPSILON;

/** Tests whether a driver stores the smallest numbers as 0. */
export function losesTinyNumbers(database: SqliteDatabase): boolean {
  const row = database.prepare('select ? as stored').get(tiniest / 2) as { stored: number };
  return row.stored === 0;
}

/**
 * Returns the value to bind for a parameter.
 *
 * Whole numbers are bound as integers. The drivers would bind them as floats, which become '42.0' in a text column.
 *
 * @param position - the parameter's number, from 1
 * @param losesTiny - the result of {@link losesTinyNumbers}
 * @throws {@link SqlValueError} if SQLite cannot store the value unchanged
 */
export function toStorable(value: unknown, position: number, statement: string, losesTiny: boolean): SqliteValue {
  const refuse = (what: string, help: string): SqlValueError => new SqlValueError(statement, position, what, help);
  switch (typeof value) {
    case 'number':
      if (Number.isSafeInteger(value)) return BigInt(value);
      if (Number.isNaN(value)) throw refuse('NaN', 'store null');
      if (losesTiny && value > 0 && value < tiniest)
        throw refuse('a number between 0 and 2.2e-16 with this driver', 'store 0, or use Node 24.15 or newer');
      return value;
    case 'string':
      if (value.includes('\0'))
        throw refuse('text with a NUL character', 'remove the character, or store bytes: Buffer.from(text)');
      if (hasLoneSurrogate(value))
        throw refuse('text with half of a surrogate pair', 'cut text between characters, or use text.toWellFormed()');
      return value;
    case 'bigint':
      if (BigInt.asIntN(64, value) === value) return value;
      throw refuse('a bigint of more than 64 bits', 'store it as text: String(value)');
    case 'boolean':
      return value ? 1n : 0n;
    case 'undefined':
      return null;
    default:
      if (value === null || value instanceof Uint8Array) return value;
      if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      if (types.isArrayBuffer(value)) return new Uint8Array(value);
      if (types.isDate(value)) throw refuse('a Date', 'store text, date.toISOString(), or a number, date.getTime()');
      throw refuse(nameOfType(value), 'store text, such as JSON.stringify(value), or bytes');
  }
}

/** Returns a row as a plain object. */
export function toRow(columns: readonly string[], cells: readonly SqliteValue[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const [index, column] of columns.entries()) {
    const value = fromStored(cells[index]!);
    if (column === '__proto__') Object.defineProperty(row, column, { value, enumerable: true });
    else row[column] = value;
  }
  return row;
}

/** Converts an integer to a number if it is a safe integer, and bytes to a `Buffer`. Larger integers stay bigints. */
function fromStored(value: SqliteValue): unknown {
  if (typeof value === 'bigint') return isSafe(value) ? Number(value) : value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return value;
}

/** Finds half of a surrogate pair. It has no encoding in UTF-8, so SQLite would store another character. */
export function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

function isSafe(value: bigint): boolean {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;
}

function nameOfType(value: unknown): string {
  if (typeof value !== 'object') return `a ${typeof value}`;
  return `an object of type ${value?.constructor?.name ?? 'null'}`;
}
