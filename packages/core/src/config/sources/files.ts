/**
 * Reads configuration files into layers: YAML, JSON or JSON5, by the extension of the file, and YAML from standard
 * input.
 *
 * Modules are read by `module.ts`. This file knows nothing about services, components or options.
 */
import { dirname, extname, isAbsolute, resolve } from 'node:path';
import { checkData } from './data-layer.ts';
import type { Environment } from '../environment.ts';
import { ConfigFileError, type FilePlace } from '../errors.ts';
import type { Layer, Origin } from '../layers.ts';
import { excessOf, findJsonFault, findKeyTwice, jsonLocator, parseJson5 } from './json5.ts';
import { entryPlace, faultPlace, position } from './code-frame.ts';
import { decodeText, largestJson, largestSize, readSmallText, standardInput, UnreadableFile } from './read-file.ts';
import { parseYaml, type YamlText } from './yaml.ts';
import { duplicateKey, YamlError } from './yaml-document.ts';

export interface FileOptions {
  /** The folder that relative file names start from. */
  readonly cwd: string;
  /** The variables that `!Env` reads. */
  readonly env: Environment;
  /** Whether a file that a tag names may be missing. */
  readonly allowsMissingFiles?: boolean | undefined;
}

/**
 * Reads a configuration file, of at most 1 MB, or 8 MB of JSON.
 *
 * @param name - the file name as the user wrote it; messages use it
 * @throws {@link ConfigFileError} when the file cannot be read, is empty or does not contain a mapping
 */
export function readConfigFile(name: string, { cwd, ...options }: FileOptions): Layer {
  const file = resolve(cwd, name);
  const read = readers[extname(name).toLowerCase()];
  if (!read) throw unknownFormat(name);
  const text = readSmallText(file, read === readJson ? largestJson : largestSize);
  if (text instanceof UnreadableFile) throw new ConfigFileError(name, text.why, { cause: text.cause });
  return textLayer({ ...options, name, text, folder: dirname(file) }, read, file);
}

function unknownFormat(name: string): ConfigFileError {
  // `app.ts:App` is the type of a component, probably passed by mistake.
  if (/\.[cm]?[jt]s:./.test(name)) {
    const type = isAbsolute(name) || name.startsWith('.') ? name : `./${name}`;
    return new ConfigFileError(name, 'it names an export, not a file', {
      help: [`set the root component: --set component.type=${type}`, 'export it as the default of the module'],
    });
  }
  return new ConfigFileError(name, 'its format is unknown', {
    summary: `Unknown configuration format: "${name}"`,
    help: 'use .yaml, .json, .json5 or .ts',
  });
}

/** Reads YAML from standard input into a layer. Relative paths in it start from the working folder. */
export function readConfigText(bytes: Uint8Array, { cwd, ...options }: FileOptions): Layer {
  const text = decodeText(bytes);
  if (text instanceof UnreadableFile) throw new ConfigFileError(standardInput, text.why, { cause: text.cause });
  return textLayer({ ...options, name: standardInput, text, folder: cwd }, readYaml, undefined);
}

function textLayer(source: Source, read: (source: Source) => YamlText, file: string | undefined): Layer {
  const { name, text } = source;
  const { data, locate, hasTag, tagCall } = read(source);
  checkData(name, data, (path) => {
    const place = locate(path);
    return place && entryPlace(text, place, false);
  });
  return {
    label: name,
    data,
    locate: (path): Origin => {
      const found = locate(path);
      if (!found) return { kind: 'file', text: name, file };
      const { line, column } = position(text, found.offset);
      const { tag } = found;
      const note = tag === undefined ? '' : ` (${tag})`;
      return { kind: 'file', text: `${name}:${line}:${column}${note}`, file, line, column, tag };
    },
    hasTag,
    tagCall: (path) => {
      const call = tagCall?.(path);
      if (!call) return undefined;
      const { offset, ...rest } = call;
      return { ...rest, place: faultPlace(text, offset) };
    },
    codeFrame: (path, withValue) => {
      const place = locate(path);
      return place && entryPlace(text, place, withValue).codeFrame;
    },
  };
}

interface Source {
  readonly name: string;
  readonly text: string;
  readonly folder: string;
  readonly env: Environment;
  readonly allowsMissingFiles?: boolean | undefined;
}

const readers: Readonly<Record<string, (source: Source) => YamlText>> = {
  '.yaml': readYaml,
  '.yml': readYaml,
  '.json': readJson,
  '.json5': readJson5,
};

function readYaml({ name, text, ...options }: Source): YamlText {
  try {
    return parseYaml(text, options);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const place = error.offset === undefined ? undefined : faultPlace(text, error.offset);
    throw new ConfigFileError(name, error.message + inLine(place), { place, note: error.note, help: error.help });
  }
}

function readJson({ name, text }: Source): YamlText {
  checkBounds(name, text);
  if (text.trim() === '') return { data: null, locate: () => undefined };
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    // The message quotes the text, which may be a secret, so only its position is used.
    const position = /at position (\d+)/.exec(String(error))?.[1];
    throw notJson(name, text, position === undefined ? findJsonFault(text) : Number(position), 'JSON');
  }
  checkKeys(name, text);
  return { data, locate: jsonLocator(text) };
}

function readJson5({ name, text }: Source): YamlText {
  checkBounds(name, text);
  if (text.trim() === '') return { data: null, locate: () => undefined };
  const read = parseJson5(text);
  if (!('data' in read)) throw notJson(name, text, read.offset, 'JSON5');
  checkKeys(name, text);
  return { data: read.data, locate: jsonLocator(text) };
}

function checkKeys(name: string, text: string): void {
  const twice = findKeyTwice(text);
  if (!twice) return;
  const place = faultPlace(text, twice.offset);
  const { message, note, help } = duplicateKey(text, twice.first);
  throw new ConfigFileError(name, message + inLine(place), { place, note, help });
}

function checkBounds(name: string, text: string): void {
  const excess = excessOf(text);
  if (excess !== undefined) throw new ConfigFileError(name, excess);
}

function notJson(name: string, text: string, offset: number | undefined, what: string): ConfigFileError {
  const place = offset === undefined ? undefined : faultPlace(text, offset);
  return new ConfigFileError(name, `it is not valid ${what}${inLine(place)}`, {
    place,
    help: 'fix the syntax, or rename the file to .yaml if it is YAML',
  });
}

function inLine(place: FilePlace | undefined): string {
  return place ? ` (line ${place.line})` : '';
}
