/** Paths into the configuration, as data and as they are written in messages and in `--set`. */

/** The keys that lead to a value; a list's item is named by its index. */
export type ConfigPath = readonly string[];

/** Writes a path as `--set` reads it: joined by dots, a dot inside of a key escaped as `\.`. */
export function formatPath(path: ConfigPath): string {
  return path.map((key) => key.replaceAll('.', '\\.')).join('.');
}

/** Reads a path: split at dots, except at those written `\.`. */
export function parsePath(text: string): string[] {
  return text.split(/(?<!\\)\./).map((key) => key.replaceAll('\\.', '.'));
}

/** Tells whether `path` is `start` or leads further into it. */
export function startsWithPath(path: ConfigPath, start: ConfigPath): boolean {
  return start.length <= path.length && start.every((key, index) => key === path[index]);
}

/** The value at a path; undefined where the path leads nowhere. */
export function valueAt(data: unknown, path: ConfigPath): unknown {
  let found = data;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[key];
  }
  return found;
}
