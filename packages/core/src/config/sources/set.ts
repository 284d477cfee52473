/**
 * Reads single values by their path: `--set path.to.key=value`, which form the highest layer, and the same syntax in
 * `ASPHALT_SET_…` variables, which form the layer below it. The schemas of the options are not known here.
 */
import { setVariables, variableText, type Environment } from '../environment.ts';
import { describeValue } from '../describe.ts';
import { ConfigSetError } from '../errors.ts';
import { scalarOf } from '../formats.ts';
import { codeLayer, mergeLayers, type Layer, type Origin } from '../layers.ts';
import { findFault, isForbiddenKey, isPlainObject, type PlainObject } from '../merge.ts';
import { normalized } from '../normalize.ts';
import { formatPath, parsePath, startsWithPath, valueAt, type ConfigPath } from '../path.ts';
import { parseTypedYaml, type YamlOptions } from './yaml.ts';
import { YamlError } from './yaml-document.ts';

export interface SetEntry {
  readonly path: ConfigPath;
  readonly value: unknown;
  /** The text after the `=`. */
  readonly typed: string;
  /** The reason why the text is neither a mapping nor a list. */
  readonly notData?: string | undefined;
  /** Whether the mapping or list contains a tag such as `!Env`. */
  readonly hasTag?: boolean | undefined;
  /** Describes the environment variable that contains the entry; undefined for `--set`. */
  readonly from?: string | undefined;
}

interface SetSource {
  readonly cwd: string;
  readonly env: Environment;
  readonly variable?: string | undefined;
}

/** The maximum length of a value. Longer values belong in a file. */
const longest = 1024 * 1024;

/**
 * Reads the variables whose names start with `ASPHALT_SET_`, in the order of their names. The rest of the name is
 * arbitrary. The value has the syntax of `--set`: `ASPHALT_SET_PORT=component.port=8080`.
 *
 * @throws {@link ConfigSetError} as {@link parseSet} does
 */
export function parseSetVariables(options: SetSource): SetEntry[] {
  return setVariables(options.env).map((variable) => parseSet(options.env[variable] ?? '', { ...options, variable }));
}

/**
 * Parses one `--set`. It is split at the first `=`, and its path at dots that are not escaped as `\.`.
 *
 * The format of the option decides what the text means, but is not known yet. So text that is a mapping or a list in
 * YAML is kept both as data, which merges with other layers, and as text. An empty text and `null` are null. Any other
 * text is kept unchanged, except that an exactly written number or boolean is stored as such.
 *
 * @throws {@link ConfigSetError} when it has no `=`, an empty key in its path or a value of more than 1 MB
 */
export function parseSet(text: string, { cwd, env, variable }: SetSource): SetEntry {
  const source = variable === undefined ? '--set ' : `${variable}=`;
  const equals = text.indexOf('=');
  if (equals < 0) {
    // Without a path the meaning of the text is unknown. A variable may contain a secret.
    const shown = variable === undefined ? text.slice(0, 60) : '…';
    throw new ConfigSetError(`Cannot read \`${source}${shown}\`: it contains no "="`, {
      help: `write ${source}path.to.key=value`,
    });
  }
  const written = text.slice(0, equals);
  const path = parsePath(written);
  if (path.includes('')) {
    throw new ConfigSetError(`Cannot read \`${source}${written}=…\`: a key in its path is empty`, {
      help: `write ${source}path.to.key=value, and a dot inside a key as \\.`,
    });
  }
  const typed = text.slice(equals + 1);
  if (typed.length > longest) {
    throw new ConfigSetError(`Cannot read the value of \`${source}${written}=…\`: it is longer than 1 MB`, {
      help: 'move it to a configuration file',
    });
  }
  const from = variable === undefined ? undefined : variableText(env, variable);
  return { path, typed, from, ...readTyped(typed, { folder: cwd, env }) };
}

/** Reads typed text as far as possible without the format of its option. */
function readTyped(typed: string, options: YamlOptions): Pick<SetEntry, 'value' | 'notData' | 'hasTag'> {
  if (typed === '' || typed === 'null') return { value: null };
  try {
    const { data, hasTag } = parseTypedYaml(typed, options);
    const isData = typeof data === 'object' && data !== null;
    const fault = isData ? findFault(data) : undefined;
    if (fault) return { value: typed, notData: `key \`${formatPath(fault.path)}\` ${fault.what}` };
    if (isData) return { value: data, hasTag };
    // Values without a fixed format, such as those in an `object`, become numbers and booleans if written exactly.
    const scalar = scalarOf(typed);
    return { value: String(scalar) === typed ? scalar : typed };
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    return { value: typed, notData: error.note === undefined ? error.message : `${error.message}: ${error.note}` };
  }
}

/**
 * Returns layers with a layer of each group of `--set` entries above them.
 *
 * @throws {@link ConfigSetError} as {@link setLayer} does
 */
export function withSetLayers(below: readonly Layer[], groups: readonly (readonly SetEntry[])[]): Layer[] {
  const layers = [...below];
  for (const entries of groups) {
    if (entries.length > 0) layers.push(normalized(setLayer(entries, mergeLayers(layers))));
  }
  return layers;
}

/**
 * Creates the layer of several `--set` entries, in their order. Mappings are merged as in any layer, and a numeric key
 * is an index into a list of a lower layer.
 *
 * @param below - the merged data of the lower layers
 * @throws {@link ConfigSetError} when a path leads through a value that is neither a mapping nor a list, or has a
 * forbidden key or an index that its list does not have
 */
export function setLayer(entries: readonly SetEntry[], below: PlainObject): Layer {
  let data: PlainObject = {};
  let all = below;
  for (const entry of entries) {
    const layer = { label: '--set', data: fragmentFor(entry, all), isSet: true, locate: () => undefined };
    data = mergeLayers([codeLayer(data, () => ''), layer]);
    all = mergeLayers([codeLayer(all, () => ''), layer]);
  }
  const latest = entries.toReversed();
  const locate = (path: ConfigPath): Origin | undefined => {
    const entry = latest.find((candidate) => sets(candidate, path));
    if (!entry) return undefined;
    const isWhole = entry.path.length === path.length;
    const { from } = entry;
    return {
      ...(from === undefined ? { kind: 'set', text: '--set' } : { kind: 'environment', text: from }),
      typed: isWhole ? entry.typed : undefined,
      tag: entry.hasTag ? '!…' : undefined,
      notData: isWhole ? entry.notData : undefined,
    };
  };
  const hasTag = (path: ConfigPath): boolean => latest.some((entry) => entry.hasTag && sets(entry, path));
  return { label: '--set', data, isSet: true, locate, hasTag };
}

/** Returns whether an entry sets the value at a path, or a part of it. */
function sets(entry: SetEntry, path: ConfigPath): boolean {
  if (startsWithPath(entry.path, path)) return true;
  return startsWithPath(path, entry.path) && valueAt(entry.value, path.slice(entry.path.length)) !== undefined;
}

/** Returns a mapping that contains only the value of an entry, at its path. */
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
  // Names only the kind of the value, because the value may be a secret.
  const kind = typeof found === 'object' ? describeValue(found) : `a ${typeof found}`;
  const name = formatPath(path);
  return new ConfigSetError(`Cannot set \`${formatPath(whole)}\`: \`${name}\` is ${kind}, not a mapping`, {
    help: `set \`${name}\` itself, or write a dot inside a key as \\.`,
  });
}
