/** Converts parameters to values that SQLite can store, and rows to plain objects. */
import { types } from 'node:util';
import { SqlValueError } from '../errors.ts';
import type { SqliteValue } from './interface.ts';

/**
 * Returns the value to bind for a parameter.
 *
 * Whole numbers are bound as integers. The drivers would bind them as floats, which become '42.0' in a column of text.
 *
 * @param position - the parameter's number, from 1
 * @throws {@link SqlValueError} if SQLite cannot return the value as it is
 */
export function toStorable(value: unknown, position: number, statement: string): SqliteValue {
  const refuse = (what: string, help: string): SqlValueError => new SqlValueError(statement, position, what, help);
  switch (typeof value) {
    case 'number':
      if (Number.isSafeInteger(value)) return BigInt(value);
      if (Number.isNaN(value)) throw refuse('NaN', 'store null');
      return value;
    case 'string':
      if (value.includes('\0'))
        throw refuse('text with a NUL character', 'remove the character, or store bytes: Buffer.from(text)');
      if (!value.isWellFormed())
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

/** Returns a row as a plain object. An integer is a number if a number can hold it, and a bigint otherwise. */
export function toRow(stored: Record<string, SqliteValue>): Record<string, SqliteValue> {
  const row = { ...stored };
  for (const column in row) {
    const value = row[column];
    if (typeof value === 'bigint' && isSafe(value)) row[column] = Number(value);
  }
  return row;
}

function isSafe(value: bigint): boolean {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;
}

function nameOfType(value: unknown): string {
  if (typeof value !== 'object') return `a ${typeof value}`;
  return `an object of type ${value?.constructor?.name ?? 'null'}`;
}
