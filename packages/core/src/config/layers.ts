/**
 * The layers of a configuration: from where values come, and which of them holds.
 *
 * A layer keeps its data and can tell where in it a value stands. Nothing is written down per value: an origin is
 * looked up in the layers when a message or a tool asks for it.
 */
import type { Explanation } from '../errors/asphalt-error.ts';
import { mergeChecked, isPlainObject, type PlainObject } from './merge.ts';
import { startsWithPath, valueAt, type ConfigPath } from './path.ts';

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
  /** For a file, the line with a value that is in `data`; without `withValue` the value itself is left out. */
  picture?: ((path: ConfigPath, withValue: boolean) => string | undefined) | undefined;
}

/** What one layer says about a value. */
export interface Statement {
  readonly origin: Origin;
  readonly value: unknown;
}

/** What layers say about a value, the last layer first. */
export function statementsOf(layers: readonly Layer[], path: ConfigPath): Statement[] {
  const statements: Statement[] = [];
  for (const layer of layers.toReversed()) {
    const value = valueAt(layer.data, path);
    const origin = value === undefined ? undefined : layer.locate(path);
    if (origin) statements.push({ origin, value });
  }
  return statements;
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
    this.#value ??= this.layers.reduce<PlainObject>((below, layer) => mergeChecked(below, layer.data), {});
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
    locate: (rest) => layer.locate([...path, ...rest]),
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
    locate: (path) => layer.locate(path),
    picture: (path, withValue) => layer.picture?.(path, withValue),
  };
}

/** Tells whether `--set some` speaks about `path`: sets it, something in it, or something that it is in. */
export function concerns(some: ConfigPath, path: ConfigPath): boolean {
  return startsWithPath(some, path) || startsWithPath(path, some);
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
    locate: (path) => layer.locate(placeOf(path)),
    picture: (path, withValue) => layer.picture?.(placeOf(path), withValue),
  };
}
