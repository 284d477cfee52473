/**
 * Single values by their path: `--set path.to.key=value`, read into the highest layer, and the same in environment
 * variables, in the layer below it.
 */
import { setVariables, type Environment } from './environment.ts';
import { describeValue } from './describe.ts';
import { ConfigSetError } from './errors.ts';
import { scalarOf } from './formats.ts';
import { codeLayer, mergeLayers, type Layer, type Origin } from './layers.ts';
import { findFault, isForbiddenKey, isPlainObject, type PlainObject } from './merge.ts';
import { formatPath, parsePath, startsWithPath, valueAt, type ConfigPath } from './path.ts';
import { parseTypedYaml, type YamlSurroundings } from './yaml.ts';
import { YamlError } from './yaml-document.ts';

export interface SetEntry {
  readonly path: ConfigPath;
  readonly value: unknown;
  /** The text after the `=`. */
  readonly typed: string;
  /** Why the text is neither a mapping nor a list. */
  readonly notData?: string | undefined;
  /** Whether the mapping or list holds a tag such as `!Env`. */
  readonly hasTag?: boolean | undefined;
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
 * Reads one `--set`. It is split at its first `=`, and the path at dots that are not written `\\.`.
 *
 * The format of the option decides what the text means, and is not known yet. A text that is a mapping or a list in YAML
 * is kept as data, which merges with other layers, and as the text. Any other text is kept as it is; nothing, and `null`,
 * is null.
 *
 * @throws {@link ConfigSetError} when it has no `=`, no whole path or a value of more than 1 MB
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
  if (typed.length > longest) {
    throw new ConfigSetError(`Cannot read the value of \`${source}${written}=…\`: it is longer than 1 MB`, {
      help: 'put it into a file, and the file among the configuration files',
    });
  }
  return { path, typed, variable, ...readTyped(typed, { folder: cwd, env }) };
}

/** What a typed text is before its option is known. */
function readTyped(typed: string, surroundings: YamlSurroundings): Pick<SetEntry, 'value' | 'notData' | 'hasTag'> {
  if (typed === '' || typed === 'null') return { value: null };
  try {
    const { data, hasTag } = parseTypedYaml(typed, surroundings);
    const isData = typeof data === 'object' && data !== null;
    const fault = isData ? findFault(data) : undefined;
    if (fault) return { value: typed, notData: `key \`${formatPath(fault.path)}\` ${fault.what}` };
    if (isData) return { value: data, hasTag };
    // Options of any type, such as those in a mapping of anything, receive numbers and booleans that are written exactly.
    const scalar = scalarOf(typed);
    return { value: String(scalar) === typed ? scalar : typed };
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    return { value: typed, notData: error.note === undefined ? error.message : `${error.message}: ${error.note}` };
  }
}

/**
 * The layer of several `--set`, in their order. Its mappings are merged as they are everywhere, and an index leads into a
 * list of a lower layer.
 *
 * @param below - what is configured in the files
 * @throws {@link ConfigSetError} when a path leads through a value that is neither a mapping nor a list
 */
export function setLayer(entries: readonly SetEntry[], below: PlainObject): Layer {
  let data: PlainObject = {};
  let all = below;
  for (const entry of entries) {
    const layer = { label: '--set', data: fragmentFor(entry, all), isSet: true, locate: () => undefined };
    data = mergeLayers([codeLayer(data, ''), layer]);
    all = mergeLayers([codeLayer(all, ''), layer]);
  }
  const latest = entries.toReversed();
  const locate = (path: ConfigPath): Origin | undefined => {
    const entry = latest.find((candidate) => sets(candidate, path));
    if (!entry) return undefined;
    const isWhole = entry.path.length === path.length;
    const { variable } = entry;
    return {
      ...(variable === undefined
        ? { kind: 'set', text: '--set' }
        : { kind: 'environment', text: `environment variable ${variable}` }),
      typed: isWhole ? entry.typed : undefined,
      tag: entry.hasTag ? '!…' : undefined,
      notData: isWhole ? entry.notData : undefined,
    };
  };
  const hasTag = (path: ConfigPath): boolean => latest.some((entry) => entry.hasTag && sets(entry, path));
  return { label: '--set', data, isSet: true, locate, hasTag };
}

/** Whether an entry sets the value at a path, or something in it. */
function sets(entry: SetEntry, path: ConfigPath): boolean {
  if (startsWithPath(entry.path, path)) return true;
  return startsWithPath(path, entry.path) && valueAt(entry.value, path.slice(entry.path.length)) !== undefined;
}

/** The data with the value of an entry at its path. */
function fragmentFor(entry: SetEntry, below: PlainObject): PlainObject {
  const { path } = entry;
  const reserved = path.findIndex(isForbiddenKey);
  if (reserved >= 0) {
    const key = formatPath(path.slice(0, reserved + 1));
    throw new ConfigSetError(
      `Cannot set \`${formatPath(path)}\`: key \`${key}\` has a name that is reserved in JavaScript`,
      { help: 'rename it or leave it out' },
    );
  }
  let under: unknown = below;
  for (const [index, key] of path.entries()) {
    const isScalar = under !== undefined && under !== null && !Array.isArray(under) && !isPlainObject(under);
    if (isScalar) throw notAMapping(under, path.slice(0, index), path);
    under = valueAt(under, [key]);
  }
  return path.reduceRight<unknown>((value, key) => ({ [key]: value }), entry.value) as PlainObject;
}

function notAMapping(found: unknown, path: ConfigPath, whole: ConfigPath): ConfigSetError {
  // The kind of value only: the value may be a secret.
  const kind = typeof found === 'object' ? describeValue(found) : `a ${typeof found}`;
  const name = formatPath(path);
  return new ConfigSetError(`Cannot set \`${formatPath(whole)}\`: \`${name}\` is ${kind}, not a mapping`, {
    help: `set \`${name}\` itself, or write a dot inside of a key as \\.`,
  });
}
