/** Prepares configuration files for a built application: their values and tags as data, and the place of each value. */
import { relative, resolve } from 'node:path';
import type { Environment } from '../environment.ts';
import type { Layer } from '../layers.ts';
import { replaced } from '../left-out.ts';
import { isPlainObject, type PlainObject } from '../merge.ts';
import { formatPath, type ConfigPath } from '../path.ts';
import { readFiles } from './load.ts';
import { isModuleName } from './module.ts';
import type { PreparedPlace, PreparedPlaces, PreparedSource } from './prepared.ts';

export interface BuildFilesOptions {
  readonly files: readonly string[];
  readonly env: Environment;
  readonly cwd: string;
  readonly importModule: (file: string) => Promise<object>;
}

/**
 * Reads the files of a configuration for a build. The files that tags name may be missing: the application reads them when
 * it starts.
 *
 * @throws {@link ConfigFileError} when a file cannot be read
 */
export async function readBuildFiles({ files, ...options }: BuildFilesOptions): Promise<Layer[]> {
  return await readFiles(files, { ...options, stdin: undefined, allowsMissingFiles: true });
}

export interface PrepareOptions {
  readonly cwd: string;
  /** The service of the build. The sections of other services are left out, because their options are unknown. */
  readonly service: string | undefined;
  /** Returns the paths of the sensitive values to leave out. */
  readonly secretsIn: (data: PlainObject) => readonly ConfigPath[];
}

/** The files of a configuration as data. */
export interface PreparedConfig {
  readonly sources: readonly PreparedSource[];
  /** The places of each source. */
  readonly places: readonly PreparedPlaces[];
  /** The sensitive values that the sources do not contain, with their origins. */
  readonly leftOut: ReadonlyArray<{ readonly path: string; readonly from: string }>;
}

/** Returns the values of layers that {@link readBuildFiles} has read, and the place of each value. */
export function prepareLayers(layers: readonly Layer[], options: PrepareOptions): PreparedConfig {
  const prepared = layers.map((layer) => prepareLayer(layer, options));
  const leftOut = prepared.flatMap(({ source }, index) =>
    source.leftOut.map((path) => {
      const from = layers[index]?.locate(path)?.text ?? source.label;
      return { path: formatPath(path), from };
    }),
  );
  return { sources: prepared.map(({ source }) => source), places: prepared.map(({ places }) => places), leftOut };
}

function prepareLayer(
  layer: Layer,
  { cwd, service, secretsIn }: PrepareOptions,
): { readonly source: PreparedSource; readonly places: PreparedPlaces } {
  const { label } = layer;
  const absolute = isModuleName(label) ? resolve(cwd, label) : layer.locate([])?.file;
  const file = absolute === undefined ? undefined : relative(cwd, absolute);
  const shared = { label, file, tags: [], numbers: [], leftOut: [] };
  if (isModuleName(label)) return { source: shared, places: {} };
  const kept = ofService(layer.data, service);
  const secrets = secretsIn(kept).filter((path) => layer.tagCall?.(path) === undefined);
  const found = new SourceValues(layer, secrets);
  found.add([], kept);
  const emptied = [...secrets, ...found.numbers.map(({ path }) => path), ...found.tags.map(({ path }) => path)];
  const data = emptied.reduce<unknown>((all, path) => replaced(all, path, null), kept) as PlainObject;
  const { tags, numbers, places } = found;
  return { source: { ...shared, data, tags, numbers, leftOut: secrets }, places };
}

/** Returns data without free keys and without the sections of other services. */
function ofService(data: PlainObject, service: string | undefined): PlainObject {
  const entries = Object.entries(data).filter(([key]) => !key.startsWith('x-') && key !== 'services');
  const { services } = data;
  if (service !== undefined && isPlainObject(services) && services[service] !== undefined)
    entries.push(['services', { [service]: services[service] }]);
  return Object.fromEntries(entries);
}

/** Collects the values of one file that are not plain JSON, and the places of all values. */
class SourceValues {
  readonly tags: Array<PreparedSource['tags'][number]> = [];
  readonly numbers: Array<PreparedSource['numbers'][number]> = [];
  readonly places: Record<string, PreparedPlace> = {};
  readonly #layer: Layer;
  readonly #secrets: ReadonlySet<string>;

  constructor(layer: Layer, secrets: readonly ConfigPath[]) {
    this.#layer = layer;
    this.#secrets = new Set(secrets.map(formatPath));
  }

  add(path: ConfigPath, value: unknown): void {
    const call = this.#layer.tagCall?.(path);
    this.#addPlace(path, call?.place);
    // The value below a sensitive option is left out as a whole.
    if (this.#secrets.has(formatPath(path))) return;
    if (call) {
      const { tag, argument, otherwise } = call;
      this.tags.push({ path, tag, argument, otherwise });
    } else if (typeof value === 'number' && !Number.isFinite(value)) {
      this.numbers.push({ path, text: String(value) });
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) this.add([...path, key], inner);
    }
  }

  #addPlace(path: ConfigPath, tag: PreparedPlace['tag']): void {
    const { line, column } = this.#layer.locate(path) ?? {};
    if (line === undefined) return;
    const hidden = this.#layer.codeFrame?.(path, false);
    const isSecret = this.#secrets.has(formatPath(path));
    const shown = isSecret ? undefined : this.#layer.codeFrame?.(path, true);
    this.places[formatPath(path)] = { line, column, hidden, shown: shown === hidden ? undefined : shown, tag };
  }
}
