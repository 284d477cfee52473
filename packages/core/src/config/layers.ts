/**
 * The layers of a configuration: from where values come, and which of them holds.
 *
 * A layer keeps its data and can tell where in it a value stands. Nothing is written down per value: an origin is
 * looked up in the layers when a message or a tool asks for it.
 */
import type { Explanation } from '../errors/asphalt-error.ts';
import { mergeChecked, isPlainObject, type PlainObject } from './merge.ts';
import { formatPath, valueAt, type ConfigPath } from './path.ts';
import { ConfigSetError } from './errors.ts';
import { indexHelp, layItems, type IndexFault } from './set-items.ts';

/** Where a value comes from. */
export interface Origin {
  readonly kind: 'code' | 'file' | 'environment' | 'set' | 'default';
  /** As messages say it, such as `config/app.yaml:12:5`, `environment variable PORT` or `--set`. */
  readonly text: string;
  /** The absolute path of the file; line and column count from 1. */
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** For `--set`, the text after the `=`. */
  readonly typed?: string | undefined;
  /** The tag that gives the value, such as `!Env PORT`. */
  readonly tag?: string | undefined;
  /** For `--set`, why the text is neither a mapping nor a list. */
  readonly notData?: string | undefined;
}

/** The place of an origin in a file, for tools; undefined for one that is elsewhere. */
export function placeInFile({ file, line, column }: Origin): Explanation['place'] {
  return file === undefined || line === undefined ? undefined : { file, line, column: column ?? 1 };
}

/** One source of configuration data. */
export interface Layer {
  /** Names the layer, such as a file as the user named it. */
  readonly label: string;
  readonly data: PlainObject;
  /** The origin of a value that is in `data`; undefined when this layer only passes on a lower one's value. */
  locate(path: ConfigPath): Origin | undefined;
  /** Whether a tag such as `!Env` gives a value, or something in it. */
  hasTag?: ((path: ConfigPath) => boolean) | undefined;
  /** Whether `--set` gave the data, so that an index leads into a list of a lower layer. */
  readonly isSet?: boolean | undefined;
  /** For a file, the line with a value that is in `data`; without `withValue` the value itself is left out. */
  picture?: ((path: ConfigPath, withValue: boolean) => string | undefined) | undefined;
}

/** What one layer says about a value. */
export interface Statement {
  readonly origin: Origin;
  readonly value: unknown;
  /** Returns the tag that gives something in the value, at a path in it. */
  readonly tagAt: (rest: ConfigPath) => string | undefined;
}

/** What layers say about a value, the last layer first. */
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

/** Lays the data of a layer over lower data. */
function mergeLayer(below: PlainObject, layer: Layer, path: ConfigPath = []): PlainObject {
  return layer.isSet ? (layItems(below, layer.data, path, failIndex) as PlainObject) : mergeChecked(below, layer.data);
}

/** Returns what layers contain together; a later layer wins. @param path - the path of their data */
export function mergeLayers(layers: readonly Layer[], path: ConfigPath = []): PlainObject {
  return layers.reduce<PlainObject>((below, layer) => mergeLayer(below, layer, path), {});
}

function failIndex({ path, key, length }: IndexFault): never {
  const written = formatPath(path);
  throw new ConfigSetError(
    `Cannot set \`${formatPath([...path, key])}\`: \`${key}\` is no index of the list \`${written}\``,
    { help: indexHelp(length) },
  );
}

/** Layers merged into one value; a later layer wins. */
export class LayeredConfig {
  readonly layers: readonly Layer[];
  #value: PlainObject | undefined;

  constructor(layers: readonly Layer[]) {
    this.layers = layers.map(withoutEmptySections).map(withLoggingSection);
  }

  /** What the layers say together. */
  get value(): PlainObject {
    this.#value ??= mergeLayers(this.layers);
    return this.#value;
  }

  /** The origins of a value: first of the one that holds, then of those it overrides. */
  origins(path: ConfigPath): Origin[] {
    return this.statements(path).map(({ origin }) => origin);
  }

  /** What each layer says about a value: first the one that holds, then those it overrides. */
  statements(path: ConfigPath): Statement[] {
    return statementsOf(this.layers, path);
  }

  /** Returns the text that `--set` gave for a value; undefined where the value comes from elsewhere. */
  typed(path: ConfigPath): string | undefined {
    if (!this.hasSets) return undefined;
    const layer = this.layers.findLast(({ data }) => valueAt(data, path) !== undefined);
    return layer?.isSet ? layer.locate(path)?.typed : undefined;
  }

  /** Whether any value was given by `--set`. */
  get hasSets(): boolean {
    return this.layers.some(({ isSet }) => isSet);
  }

  /** Whether a tag gives a value, or something in it: messages name the tag and do not quote the value. */
  hasTag(path: ConfigPath): boolean {
    for (const layer of this.layers.toReversed()) {
      const value = valueAt(layer.data, path);
      if (value === undefined) continue;
      if (layer.hasTag?.(path)) return true;
      if (!isPlainObject(value)) return false;
    }
    return false;
  }

  /** The line that the value which holds comes from, if that is in a file. */
  picture(path: ConfigPath, withValue: boolean): string | undefined {
    const holds = (layer: Layer): boolean =>
      valueAt(layer.data, path) !== undefined && layer.locate(path) !== undefined;
    return this.layers.findLast(holds)?.picture?.(path, withValue);
  }
}

/** A layer of data that was written in code. */
export function codeLayer(data: PlainObject, label: string): Layer {
  return { label, data, locate: () => ({ kind: 'code', text: label }) };
}

/** The part of a layer at `path`, as a layer of its own; undefined where there are no such data. */
export function partOf(layer: Layer, path: ConfigPath): Layer | undefined {
  const data = valueAt(layer.data, path);
  if (!isPlainObject(data)) return undefined;
  return {
    label: layer.label,
    data,
    isSet: layer.isSet,
    locate: (rest) => layer.locate([...path, ...rest]),
    hasTag: (rest) => layer.hasTag?.([...path, ...rest]) ?? false,
    picture: (rest, withValue) => layer.picture?.([...path, ...rest], withValue),
  };
}

/** A layer without some of its top-level keys. */
export function without(layer: Layer, keys: readonly string[]): Layer {
  const kept = Object.entries(layer.data).filter(([key]) => !keys.includes(key));
  return withData(layer, Object.fromEntries(kept));
}

function withData(layer: Layer, data: PlainObject): Layer {
  return {
    label: layer.label,
    data,
    isSet: layer.isSet,
    locate: (path) => layer.locate(path),
    hasTag: (path) => layer.hasTag?.(path) ?? false,
    picture: (path, withValue) => layer.picture?.(path, withValue),
  };
}

/**
 * A component's section that is null (`mailer:` with nothing behind it) overrides nothing, where null otherwise
 * replaces; else such a line would silently take away the type and options that lower layers give the component.
 */
function withoutEmptySections(layer: Layer): Layer {
  if (!Object.hasOwn(layer.data, 'component')) return layer;
  const component = filledSection(layer.data['component']);
  if (component === layer.data['component']) return layer;
  return withData(layer, { ...layer.data, component });
}

function filledSection(section: unknown): unknown {
  if (section === null) return {};
  if (!isPlainObject(section) || !Object.hasOwn(section, 'components')) return section;
  const children = section['components'];
  if (children === null) return { ...section, components: {} };
  if (!isPlainObject(children)) return section;
  let changed = false;
  const filled: Record<string, unknown> = {};
  for (const [alias, child] of Object.entries(children)) {
    filled[alias] = filledSection(child);
    changed ||= filled[alias] !== child;
  }
  return changed ? { ...section, components: filled } : section;
}

/** A level in place of the `logging` section says `level` in it; else it would take away what lower layers say there. */
function withLoggingSection(layer: Layer): Layer {
  const level = layer.data['logging'] ?? undefined;
  if (level === undefined || typeof level === 'object') return layer;
  const placeOf = (path: ConfigPath): ConfigPath => (path[0] === 'logging' ? ['logging'] : path);
  return {
    label: layer.label,
    data: { ...layer.data, logging: { level } },
    isSet: layer.isSet,
    locate: (path) => layer.locate(placeOf(path)),
    hasTag: (path) => layer.hasTag?.(placeOf(path)) ?? false,
    picture: (path, withValue) => layer.picture?.(placeOf(path), withValue),
  };
}
