import { isPlainObject } from './merge.ts';

const longest = 60;

/** A value as messages quote it: short, on one line, strings in double quotes. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > longest ? `${value.slice(0, longest)}…` : value);
  }
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return 'a list';
  if (isPlainObject(value)) return 'a mapping';
  if (value instanceof Uint8Array) return 'bytes';
  return `an object of class ${value.constructor.name}`;
}
