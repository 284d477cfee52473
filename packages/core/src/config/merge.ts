/**
 * Merges configuration data. Plain objects are merged key by key. Everything else (lists, scalars, null) is replaced by
 * the later value. Inputs are never modified; the result shares their unchanged parts.
 */
import { ConfigKeyError } from './errors.ts';
import { formatPath, type ConfigPath } from './path.ts';

export type PlainObject = Readonly<Record<string, unknown>>;

/** Keys that could reach an object's prototype instead of its data. */
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** The maximum number of levels in data. */
export const deepest = 1_000;

/** Returns whether a value is a plain object, not a list, class instance, function or null. */
export function isPlainObject(value: unknown): value is PlainObject {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The second test also recognizes the `Object.prototype` of another realm, such as a test runner's.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Returns `base` with `overrides` merged over it. Null or undefined counts as an empty object, and a key with the value
 * undefined as absent.
 *
 * @throws {@link ConfigKeyError} when either has a key such as `__proto__`, contains itself or is nested too deeply
 */
export function mergeConfig(
  base: PlainObject | null | undefined,
  overrides: PlainObject | null | undefined,
): PlainObject {
  const inputs = [base ?? {}, overrides ?? {}] as const;
  for (const input of inputs) {
    const fault = findFault(input);
    if (fault) throw new ConfigKeyError(formatPath(fault.path), fault.what);
  }
  return mergeChecked(...inputs);
}

/** Merges like {@link mergeConfig}, for data in which {@link findFault} has found no fault. */
export function mergeChecked(base: PlainObject, overrides: PlainObject): PlainObject {
  const merged: Record<string, unknown> = { ...base };
  for (const key of Object.keys(overrides)) {
    const over = overrides[key];
    if (over === undefined) continue;
    // `base` may inherit a property of that name (`toString`). Only its own properties are data.
    const under = Object.hasOwn(base, key) ? base[key] : undefined;
    merged[key] = isPlainObject(over) && isPlainObject(under) ? mergeChecked(under, over) : over;
  }
  return merged;
}

/** A fault in data from outside, and its path. */
export interface DataFault {
  readonly path: ConfigPath;
  readonly what: string;
}

/** Finds the first forbidden key, reference of the data to itself or excessive nesting. */
export function findFault(data: unknown): DataFault | undefined {
  // YAML aliases share objects. Each is searched once, so that a small file cannot take exponential time.
  const seen = new Set<unknown>();
  const open = new Set<unknown>();
  const path: string[] = [];

  function search(value: unknown): DataFault | undefined {
    if (!Array.isArray(value) && !isPlainObject(value)) return undefined;
    if (open.has(value)) return { path: [...path], what: 'contains itself' };
    if (seen.has(value)) return undefined;
    if (path.length >= deepest) return { path: path.slice(0, 3), what: `is nested more than ${deepest} levels deep` };
    seen.add(value);
    open.add(value);
    for (const key of Object.keys(value)) {
      path.push(key);
      if (forbiddenKeys.has(key)) return { path: [...path], what: 'has a name that is reserved in JavaScript' };
      const fault = search((value as PlainObject)[key]);
      if (fault) return fault;
      path.pop();
    }
    open.delete(value);
    return undefined;
  }

  return search(data);
}

/** Returns whether a key is forbidden everywhere in the configuration. */
export function isForbiddenKey(key: string): boolean {
  return forbiddenKeys.has(key);
}

/** Returns a deeply frozen copy of plain objects and lists. Other values in them are neither copied nor frozen. */
export function frozenCopy(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy));
  if (!isPlainObject(value)) return value;
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, frozenCopy(item)])));
}
