/**
 * The configuration files of a built application, as data: `config.json` holds their values, `origins.json` their places.
 *
 * Tags such as `!Env` are evaluated when the application starts. The places are read only for a message. Must not import
 * the YAML parser.
 */
import { dirname, resolve } from 'node:path';
import type { Environment } from '../environment.ts';
import { ConfigFileError, type FilePlace } from '../errors.ts';
import type { Layer, Origin, TagCall } from '../layers.ts';
import { replaced, withoutValues } from '../left-out.ts';
import type { PlainObject } from '../merge.ts';
import { formatPath, startsWithPath, type ConfigPath } from '../path.ts';
import { readBundledModule } from './module.ts';
import { UnreadableFile } from './read-file.ts';
import { tagValue, unreadableText } from './tags.ts';

/** One file of the configuration. */
export interface PreparedSource {
  /** The name as the user wrote it. */
  readonly label: string;
  /** The file, relative to the project; undefined for standard input. */
  readonly file?: string | undefined;
  /** The values; undefined for a module, which is inside the bundle. */
  readonly data?: PlainObject;
  readonly tags: ReadonlyArray<TagCall & { readonly path: ConfigPath }>;
  /** Numbers that JSON cannot express. */
  readonly numbers: ReadonlyArray<{ readonly path: ConfigPath; readonly text: string }>;
  /** The values that are sensitive. */
  readonly leftOut: readonly ConfigPath[];
}

/** The place of one value. */
export interface PreparedPlace {
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** The line with the value. */
  readonly shown?: string | undefined;
  /** The line without the value. */
  readonly hidden?: string | undefined;
  /** The place of a tag, for the error of a file that it cannot read. */
  readonly tag?: FilePlace | undefined;
}

/** The places of one file, by path. */
export type PreparedPlaces = Readonly<Record<string, PreparedPlace>>;

export interface PreparedOptions {
  /** The folder of the project, which the names of files are relative to. */
  readonly project: string;
  readonly env: Environment;
  /** Returns the places of each source. */
  readonly places: () => readonly PreparedPlaces[];
  /** Imports a module of the configuration, by its absolute file. */
  readonly importModule: (file: string) => Promise<object>;
}

/**
 * Returns the layers of prepared sources.
 *
 * @throws {@link ConfigFileError} when the file of a tag cannot be read, or a module fails to load
 */
export async function preparedLayers(sources: readonly PreparedSource[], options: PreparedOptions): Promise<Layer[]> {
  const layers: Layer[] = [];
  for (const [index, source] of sources.entries()) layers.push(await preparedLayer(source, index, options));
  return layers;
}

async function preparedLayer(source: PreparedSource, index: number, options: PreparedOptions): Promise<Layer> {
  const { label, tags } = source;
  const file = source.file === undefined ? undefined : resolve(options.project, source.file);
  if (!source.data) return await readBundledModule(label, file!, () => options.importModule(file!));
  const placeOf = (path: ConfigPath): PreparedPlace | undefined => options.places()[index]?.[formatPath(path)];
  const folder = file === undefined ? options.project : dirname(file);
  let data: unknown = withoutValues(source.data, source.leftOut);
  for (const { path, text } of source.numbers) data = replaced(data, path, Number(text));
  for (const { path, ...call } of tags) {
    const value = tagValue(call, { folder, env: options.env });
    if (value instanceof UnreadableFile) throw unreadable(label, call, value, placeOf(path)?.tag);
    data = replaced(data, path, value);
  }
  return {
    label,
    data: data as PlainObject,
    locate: (path) => new PreparedOrigin({ label, file, path, tags, placeOf }),
    hasTag: (path) => tags.some((tag) => startsWithPath(tag.path, path)),
    codeFrame: (path, withValue) => {
      const place = placeOf(path);
      return withValue ? (place?.shown ?? place?.hidden) : place?.hidden;
    },
  };
}

function unreadable(
  label: string,
  call: TagCall,
  content: UnreadableFile,
  place: FilePlace | undefined,
): ConfigFileError {
  const line = place ? ` (line ${place.line})` : '';
  return new ConfigFileError(label, unreadableText(call, content) + line, { place });
}

interface OriginFields extends Pick<PreparedSource, 'label' | 'tags'> {
  readonly file: string | undefined;
  readonly path: ConfigPath;
  readonly placeOf: (path: ConfigPath) => PreparedPlace | undefined;
}

/** An origin that looks its place up on demand. */
class PreparedOrigin implements Origin {
  readonly kind = 'file';
  readonly file: string | undefined;
  readonly #fields: OriginFields;

  constructor(fields: OriginFields) {
    this.file = fields.file;
    this.#fields = fields;
  }

  get text(): string {
    const { label } = this.#fields;
    const { line, column, tag } = this;
    if (line === undefined) return label;
    return `${label}:${line}:${column ?? 1}${tag === undefined ? '' : ` (${tag})`}`;
  }

  get line(): number | undefined {
    return this.#fields.placeOf(this.#fields.path)?.line;
  }

  get column(): number | undefined {
    return this.#fields.placeOf(this.#fields.path)?.column;
  }

  get tag(): string | undefined {
    const path = formatPath(this.#fields.path);
    const call = this.#fields.tags.find((each) => formatPath(each.path) === path);
    return call && `${call.tag} ${call.argument}`;
  }
}
