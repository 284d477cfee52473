/**
 * Single values by their path: `--set path.to.key=value`, read into the highest layer, and the same in environment
 * variables, in the layer below it.
 */
import { setVariables, type Environment } from './environment.ts';
import { describeValue } from './describe.ts';
import { ConfigSetError } from './errors.ts';
import { concerns, type Layer, type Origin } from './layers.ts';
import { findFault, isPlainObject, mergeChecked, type PlainObject } from './merge.ts';
import { formatPath, parsePath, type ConfigPath } from './path.ts';
import { parseYaml } from './yaml.ts';
import { YamlError } from './yaml-document.ts';

export interface SetEntry {
  readonly path: ConfigPath;
  readonly value: unknown;
  /** What stood behind the `=`. */
  readonly typed: string;
  /** The environment variable that said it; undefined for `--set`. */
  readonly variable?: string | undefined;
}

interface SetSource {
  readonly cwd: string;
  readonly env: Environment;
  readonly variable?: string | undefined;
}

/** The longest value; one that is longer belongs in a file. */
const longest = 1024 * 1024;

/**
 * Reads the variables whose name begins with `ASPHALT_SET_`, in the order of their names. What follows in the name is
 * free, and the value is what would follow `--set`: `ASPHALT_SET_PORT=component.port=8080`.
 *
 * @throws {@link ConfigSetError} as {@link parseSet} does
 */
export function parseSetVariables(surroundings: SetSource): SetEntry[] {
  return setVariables(surroundings.env).map((variable) =>
    parseSet(surroundings.env[variable] ?? '', { ...surroundings, variable }),
  );
}

/**
 * Reads one `--set`. It is split at its first `=`, the path at dots that are not written `\.`, and the value is YAML
 * (`5`, `true`, `[a, b]`, `!Env NAME`); with nothing behind the `=` it is null.
 *
 * @throws {@link ConfigSetError} when it has no `=`, no whole path or a value that is not YAML
 */
export function parseSet(text: string, { cwd, env, variable }: SetSource): SetEntry {
  const source = variable === undefined ? '--set ' : `${variable}=`;
  const equals = text.indexOf('=');
  if (equals < 0) {
    // Without a path nothing tells what the text is; it may be a secret from the environment.
    const shown = variable === undefined ? text.slice(0, 60) : '…';
    throw new ConfigSetError(`Cannot read \`${source}${shown}\`: there is no "=" in it`, {
      help: `write ${source}path.to.key=value`,
    });
  }
  const written = text.slice(0, equals);
  const path = parsePath(written);
  if (path.includes('')) {
    throw new ConfigSetError(`Cannot read \`${source}${written}=…\`: a key in its path is empty`, {
      help: `write ${source}path.to.key=value, and a dot inside of a key as \\.`,
    });
  }
  const typed = text.slice(equals + 1);
  return { path, value: parseSetValue(`${source}${written}`, typed, { folder: cwd, env }), typed, variable };
}

function parseSetValue(written: string, typed: string, surroundings: { folder: string; env: Environment }): unknown {
  if (typed.length > longest) {
    throw new ConfigSetError(`Cannot read the value of \`${written}=…\`: it is longer than 1 MB`, {
      help: 'put it into a file, and the file among the configuration files',
    });
  }
  try {
    return parseYaml(typed, surroundings).data;
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new ConfigSetError(`Cannot read the value of \`${written}=…\`: ${error.message}`, {
      note: error.note,
      help: error.help ?? `if it is text, put it in quotes: ${quoted(written)}`,
    });
  }
}

function quoted(written: string): string {
  return written.startsWith('--set ') ? `--set '${written.slice(6)}="…"'` : `${written}="…"`;
}

/**
 * The layer of several `--set`, in their order, over what is configured `below`. Mappings are merged as they are
 * everywhere; an index leads into a list, and the index behind its last item appends.
 *
 * @throws {@link ConfigSetError} when a path leads through a value that is neither a mapping nor a list
 */
export function setLayer(entries: readonly SetEntry[], below: PlainObject): Layer {
  let data: PlainObject = {};
  let all = below;
  for (const entry of entries) {
    const fragment = fragmentFor(entry, all);
    data = mergeChecked(data, fragment);
    all = mergeChecked(all, fragment);
  }
  // A list is copied when one of its items is set; the others still come from below.
  const latest = entries.toReversed();
  const locate = (path: ConfigPath): Origin | undefined => {
    const entry = latest.find((candidate) => concerns(candidate.path, path));
    if (!entry) return undefined;
    const isWhole = entry.path.length === path.length;
    const typed = isWhole ? entry.typed : undefined;
    const { variable } = entry;
    if (variable === undefined) return { kind: 'set', text: '--set', typed };
    return { kind: 'environment', text: `environment variable ${variable}`, typed };
  };
  return { label: '--set', data, locate };
}

function fragmentFor(entry: SetEntry, below: PlainObject): PlainObject {
  const written = formatPath(entry.path);
  const fragment = overlay(below, entry.path, entry) as PlainObject;
  const fault = findFault(fragment);
  if (!fault) return fragment;
  throw new ConfigSetError(`Cannot set \`${written}\`: key \`${formatPath(fault.path)}\` ${fault.what}`, {
    help: 'rename it or leave it out',
  });
}

/** What has to be laid over `below` so that the entry's value stands at `rest`. */
function overlay(below: unknown, rest: ConfigPath, entry: SetEntry): unknown {
  const [key, ...further] = rest;
  if (key === undefined) return entry.value;
  if (Array.isArray(below)) return withItem(below, key, further, entry);
  if (below !== undefined && below !== null && !isPlainObject(below)) throw notAMapping(below, rest, entry);
  const inner = isPlainObject(below) && Object.hasOwn(below, key) ? below[key] : undefined;
  return Object.fromEntries([[key, overlay(inner, further, entry)]]);
}

/** A list is replaced as a whole by later layers, so all of it is needed. */
function withItem(list: readonly unknown[], key: string, further: ConfigPath, entry: SetEntry): unknown[] {
  const index = Number(key);
  if (!/^\d+$/.test(key) || index > list.length) {
    const path = formatPath(entry.path.slice(0, entry.path.length - further.length - 1));
    throw new ConfigSetError(
      `Cannot set \`${formatPath(entry.path)}\`: \`${key}\` is no index of the list \`${path}\``,
      {
        help:
          list.length === 0 ? 'the list is empty: use 0' : `use 0 to ${list.length - 1}, or ${list.length} to append`,
      },
    );
  }
  const copy = [...list];
  const item: unknown = copy[index];
  const over = overlay(item, further, entry);
  copy[index] = further.length > 0 && isPlainObject(item) && isPlainObject(over) ? mergeChecked(item, over) : over;
  return copy;
}

function notAMapping(found: unknown, rest: ConfigPath, entry: SetEntry): ConfigSetError {
  const path = formatPath(entry.path.slice(0, entry.path.length - rest.length));
  // The kind of value only: what stands there may be a secret.
  const kind = typeof found === 'object' ? describeValue(found) : `a ${typeof found}`;
  return new ConfigSetError(`Cannot set \`${formatPath(entry.path)}\`: \`${path}\` is ${kind}, not a mapping`, {
    help: `set \`${path}\` itself, or write a dot inside of a key as \\.`,
  });
}
