import type { PlainObject } from './merge.ts';
import type { ConfigPath } from './path.ts';

/**
 * Represents the value of a sensitive option that a build has left out of its files. The option must have another source
 * when the application starts, even if it has a default: the default was not the configured value.
 */
export class LeftOut {}

/** Returns data in which the values at these paths are left out. Shares the unchanged parts. */
export function withoutValues(data: PlainObject, paths: readonly ConfigPath[]): PlainObject {
  return paths.reduce<unknown>((all, path) => replaced(all, path, new LeftOut()), data) as PlainObject;
}

/** Returns data with another value at a path. Data without this path is returned unchanged. */
export function replaced(data: unknown, path: ConfigPath, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, key)) return data;
  const inner = replaced((data as PlainObject)[key], rest, value);
  if (Array.isArray(data)) return data.with(Number(key), inner);
  return { ...data, [key]: inner };
}
