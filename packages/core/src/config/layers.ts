/**
 * The layers of a configuration: the origin of each value, and which layer takes effect.
 *
 * A layer holds its data and can locate a value in it. Origins are not recorded per value: they are looked up in the
 * layers when a message or a tool asks for them. Layers know nothing about schemas.
 */
import type { Explanation } from '../errors/asphalt-error.ts';
import { mergeChecked, isPlainObject, type PlainObject } from './merge.ts';
import { formatPath, valueAt, type ConfigPath } from './path.ts';
import { ConfigSetError, type FilePlace } from './errors.ts';
import { indexHelp, layItems, type IndexFault } from './set-items.ts';

/** The origin of a value. */
export interface Origin {
  readonly kind: 'code' | 'file' | 'environment' | 'set' | 'default';
  /** The origin for messages, such as `config/app.yaml:12:5`, `environment variable PORT` or `--set`. */
  readonly text: string;
  /** The absolute path of the file; line and column count from 1. */
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** For `--set`, the text after the `=`. */
  readonly typed?: string | undefined;
  /** The tag that produces the value, such as `!Env PORT`. */
  readonly tag?: string | undefined;
  /** For `--set`, the reason why the text is neither a mapping nor a list. */
  readonly notData?: string | undefined;
}

/** Returns the place of an origin for tools; undefined if the origin is not in a file. */
export function placeInFile({ file, line, column }: Origin): Explanation['place'] {
  return file === undefined || line === undefined ? undefined : { file, line, column: column ?? 1 };
}

/** A tag and its argument, as written in a file. */
export interface TagCall {
  readonly tag: '!Env' | '!TextFile' | '!BinaryFile';
  readonly argument: string;
  /** The default of `!Env`. */
  readonly otherwise?: unknown;
}

/** One source of configuration data. */
export interface Layer {
  /** The name of the layer, such as the file name as the user wrote it. */
  readonly label: string;
  readonly data: PlainObject;
  /** Returns the origin of a value in `data`; undefined if this layer did not set the value. */
  locate(path: ConfigPath): Origin | undefined;
  /** Whether a tag such as `!Env` produces a value or a part of it. */
  hasTag?: ((path: ConfigPath) => boolean) | undefined;
  /** For a file, returns the tag that produces a value. @internal */
  tagCall?: ((path: ConfigPath) => (TagCall & { readonly place: FilePlace }) | undefined) | undefined;
  /** Whether the data comes from `--set`, where a numeric key is an index into a list of a lower layer. */
  readonly isSet?: boolean | undefined;
  /** For a file, returns the line of a value in `data`, without the value itself unless `withValue` is true. */
  codeFrame?: ((path: ConfigPath, withValue: boolean) => string | undefined) | undefined;
}

/** The value that one layer sets. */
export interface Statement {
  readonly origin: Origin;
  readonly value: unknown;
  /** Returns the tag that produces the part of the value at a path in it. */
  readonly tagAt: (rest: ConfigPath) => string | undefined;
}

/** Returns what each layer sets at a path, starting with the last layer. */
export function statementsOf(layers: readonly Layer[], path: ConfigPath): Statement[] {
  const statements: Statement[] = [];
  for (const layer of layers.toReversed()) {
    const value = valueAt(layer.data, path);
    const origin = value === undefined ? undefined : layer.locate(path);
    const tagAt = (rest: ConfigPath): string | undefined => layer.locate([...path, ...rest])?.tag;
    if (origin) statements.push({ origin, value, tagAt });
  }
  return statements;
}

/** Merges the data of a layer over lower data. */
function mergeLayer(below: PlainObject, layer: Layer, path: ConfigPath = []): PlainObject {
  return layer.isSet ? (layItems(below, layer.data, path, failIndex) as PlainObject) : mergeChecked(below, layer.data);
}

/** Merges the data of layers; a later layer wins. @param path - the path of their data */
export function mergeLayers(layers: readonly Layer[], path: ConfigPath = []): PlainObject {
  return layers.reduce<PlainObject>((below, layer) => mergeLayer(below, layer, path), {});
}

function failIndex({ path, key, length }: IndexFault): never {
  const written = formatPath(path);
  throw new ConfigSetError(
    `Cannot set \`${formatPath([...path, key])}\`: \`${key}\` is not an index of the list \`${written}\``,
    { help: indexHelp(length) },
  );
}

/** Layers merged into one value; a later layer wins. */
export class LayeredConfig {
  readonly layers: readonly Layer[];
  #value: PlainObject | undefined;

  constructor(layers: readonly Layer[]) {
    this.layers = layers;
  }

  /** The merged data of all layers. */
  get value(): PlainObject {
    this.#value ??= mergeLayers(this.layers);
    return this.#value;
  }

  /** Returns the origins of a value: first that of the effective value, then those of the values it overrides. */
  origins(path: ConfigPath): Origin[] {
    return this.statements(path).map(({ origin }) => origin);
  }

  /** Returns what each layer sets at a path: first the effective value, then the values it overrides. */
  statements(path: ConfigPath): Statement[] {
    return statementsOf(this.layers, path);
  }

  /** Returns the text after `--set path=`; undefined if the value has another origin. */
  typed(path: ConfigPath): string | undefined {
    if (!this.hasSets) return undefined;
    const layer = this.layers.findLast(({ data }) => valueAt(data, path) !== undefined);
    return layer?.isSet ? layer.locate(path)?.typed : undefined;
  }

  /** Whether `--set` sets any value. */
  get hasSets(): boolean {
    return this.layers.some(({ isSet }) => isSet);
  }

  /** Whether a tag produces a value or a part of it. Messages then name the tag instead of quoting the value. */
  hasTag(path: ConfigPath): boolean {
    for (const layer of this.layers.toReversed()) {
      const value = valueAt(layer.data, path);
      if (value === undefined) continue;
      if (layer.hasTag?.(path)) return true;
      if (!isPlainObject(value)) return false;
    }
    return false;
  }

  /** Returns the line of the effective value, if its layer is a file. */
  codeFrame(path: ConfigPath, withValue: boolean): string | undefined {
    const holds = (layer: Layer): boolean =>
      valueAt(layer.data, path) !== undefined && layer.locate(path) !== undefined;
    return this.layers.findLast(holds)?.codeFrame?.(path, withValue);
  }
}

/** Creates a layer of data that is set in code. @param label - called when a message needs the label */
export function codeLayer(data: PlainObject, label: () => string): Layer {
  return {
    get label() {
      return label();
    },
    data,
    locate: () => ({ kind: 'code', text: label() }),
  };
}

/** Returns the part of a layer at `path` as a separate layer; undefined if the layer has no mapping there. */
export function partOf(layer: Layer, path: ConfigPath): Layer | undefined {
  const data = valueAt(layer.data, path);
  if (!isPlainObject(data)) return undefined;
  return {
    get label() {
      return layer.label;
    },
    data,
    isSet: layer.isSet,
    locate: (rest) => layer.locate([...path, ...rest]),
    hasTag: (rest) => layer.hasTag?.([...path, ...rest]) ?? false,
    codeFrame: (rest, withValue) => layer.codeFrame?.([...path, ...rest], withValue),
  };
}

/** Returns a layer without some of its top-level keys. */
export function without(layer: Layer, keys: readonly string[]): Layer {
  const kept = Object.entries(layer.data).filter(([key]) => !keys.includes(key));
  return withData(layer, Object.fromEntries(kept));
}

/** Returns a layer with other data at the same places. */
export function withData(layer: Layer, data: PlainObject): Layer {
  return {
    get label() {
      return layer.label;
    },
    data,
    isSet: layer.isSet,
    locate: (path) => layer.locate(path),
    hasTag: (path) => layer.hasTag?.(path) ?? false,
    codeFrame: (path, withValue) => layer.codeFrame?.(path, withValue),
  };
}
