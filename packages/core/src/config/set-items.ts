/** Merges the data of `--set` over other data like any layer, except that numeric keys are indexes into lists. */
import { isPlainObject, type PlainObject } from './merge.ts';
import type { ConfigPath } from './path.ts';

/** An index that its list does not have. */
export interface IndexFault {
  /** The path of the list. */
  readonly path: ConfigPath;
  readonly key: string;
  readonly length: number;
}

/**
 * Returns `below` with `data` merged over it. The index after the last item of a list appends an item.
 *
 * @param path - the path of `below`
 * @param fail - called for a key that is not an index of its list; its result replaces the list
 */
export function layItems(
  below: unknown,
  data: unknown,
  path: ConfigPath,
  fail: (fault: IndexFault) => unknown,
): unknown {
  if (!isPlainObject(data)) return data;
  if (Array.isArray(below)) return withItems(below, data, path, fail);
  if (!isPlainObject(below)) return data;
  const merged: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(data)) {
    const under = Object.hasOwn(below, key) ? below[key] : undefined;
    merged[key] = layItems(under, value, [...path, key], fail);
  }
  return merged;
}

function withItems(
  list: readonly unknown[],
  items: PlainObject,
  path: ConfigPath,
  fail: (fault: IndexFault) => unknown,
): unknown {
  const copy = [...list];
  for (const [key, value] of Object.entries(items)) {
    const index = Number(key);
    if (!/^(?:0|[1-9]\d*)$/.test(key) || index > copy.length) return fail({ path, key, length: copy.length });
    copy[index] = layItems(copy[index], value, [...path, key], fail);
  }
  return copy;
}

/** Returns how to correct an index. */
export function indexHelp(length: number): string {
  return length === 0 ? 'the list is empty: use 0' : `use 0 to ${length - 1}, or ${length} to append`;
}
