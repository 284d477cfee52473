/** Paths into the configuration, as data and in the syntax of messages and `--set`. */

/** The keys that lead to a value. The key of a list item is its index. */
export type ConfigPath = readonly string[];

/** Formats a path in the syntax of `--set`: keys joined by dots, a dot inside a key escaped as `\.`. */
export function formatPath(path: ConfigPath): string {
  return path.map((key) => key.replaceAll('.', '\\.')).join('.');
}

/** Parses a path: splits it at dots, except at `\.`. */
export function parsePath(text: string): string[] {
  return text.split(/(?<!\\)\./).map((key) => key.replaceAll('\\.', '.'));
}

/** Returns whether `path` equals `start` or continues it. */
export function startsWithPath(path: ConfigPath, start: ConfigPath): boolean {
  return start.length <= path.length && start.every((key, index) => key === path[index]);
}

/** Returns the value at a path; undefined if the data has no such path. */
export function valueAt(data: unknown, path: ConfigPath): unknown {
  let found = data;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[key];
  }
  return found;
}
