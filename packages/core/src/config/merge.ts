/**
 * Merging of configuration data. Plain objects are merged key by key; everything else (lists, scalars, null) is
 * replaced by what comes later. Nothing that was given is changed; untouched parts are shared with the result.
 */
import { ConfigKeyError } from './errors.ts';
import { formatPath, type ConfigPath } from './path.ts';

export type PlainObject = Readonly<Record<string, unknown>>;

/** Keys that could reach an object's prototype instead of its data. */
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** The most levels that data may have. */
export const deepest = 1_000;

/** Tells an object that is only data from lists, class instances, functions and null. */
export function isPlainObject(value: unknown): value is PlainObject {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The second test also knows the `Object.prototype` of another realm, such as a test runner's.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Returns `base` with `overrides` laid over it. Null or undefined in place of an object counts as an empty one, and a
 * key whose value is undefined as not given.
 *
 * @throws {@link ConfigKeyError} when either holds a key such as `__proto__`, contains itself or is nested too deeply
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

/** {@link mergeConfig} for data that {@link findFault} has already passed. */
export function mergeChecked(base: PlainObject, overrides: PlainObject): PlainObject {
  const merged: Record<string, unknown> = { ...base };
  for (const key of Object.keys(overrides)) {
    const over = overrides[key];
    if (over === undefined) continue;
    // `base` may inherit a property of that name (`toString`); only its own are data.
    const under = Object.hasOwn(base, key) ? base[key] : undefined;
    merged[key] = isPlainObject(over) && isPlainObject(under) ? mergeChecked(under, over) : over;
  }
  return merged;
}

/** What is wrong with data that comes from outside, and where. */
export interface DataFault {
  readonly path: ConfigPath;
  readonly what: string;
}

/** Looks for keys that are refused and for nesting without end. */
export function findFault(data: unknown): DataFault | undefined {
  // YAML anchors share objects: each is looked at once, or a small file could cost a long time.
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

/** Tells whether a key is refused everywhere in the configuration. */
export function isForbiddenKey(key: string): boolean {
  return forbiddenKeys.has(key);
}

/** A deeply frozen copy of plain objects and lists; anything else in them stays what it is. */
export function frozenCopy(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy));
  if (!isPlainObject(value)) return value;
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, frozenCopy(item)])));
}
