/** Configuration files, each read into a layer; YAML or JSON by the end of its name. */
import { dirname, extname, resolve } from 'node:path';
import type { Environment } from './environment.ts';
import { ConfigFileError, type FilePlace } from './errors.ts';
import type { Layer, Origin } from './layers.ts';
import { findFault, isPlainObject } from './merge.ts';
import { formatPath, type ConfigPath } from './path.ts';
import { readSmallText, UnreadableFile } from './read-file.ts';
import { findJsonFault, parseYaml, YamlError, type YamlText } from './yaml.ts';

export interface FileSurroundings {
  /** Where a relative file name starts. */
  readonly cwd: string;
  /** The variables that `!Env` reads. */
  readonly env: Environment;
}

/**
 * Reads a configuration file, of at most 16 MB.
 *
 * @param name - the file as the user names it; messages call it so
 * @throws {@link ConfigFileError} when it cannot be read, is empty, or does not hold a mapping
 */
export function readConfigFile(name: string, { cwd, env }: FileSurroundings): Layer {
  const file = resolve(cwd, name);
  const read = readers[extname(name).toLowerCase()];
  if (!read) {
    const help = 'name it .yaml, .yml or .json, and write it accordingly';
    throw new ConfigFileError(name, 'its name does not tell its format', { help });
  }
  const text = readSmallText(file);
  if (text instanceof UnreadableFile) throw new ConfigFileError(name, text.why, { cause: text.cause });
  const { data, locate } = read({ name, text, folder: dirname(file), env });

  const originOf = (path: ConfigPath): Origin => {
    const found = locate(path);
    if (!found) return { kind: 'file', text: name, file };
    const { line, column } = placeAt(text, found.offset);
    const variable = found.variable === undefined ? '' : ` (!Env ${found.variable})`;
    return { kind: 'file', text: `${name}:${line}:${column}${variable}`, file, line, column };
  };

  if (data === null || data === undefined) {
    throw new ConfigFileError(name, 'it is empty', { help: 'write the configuration into it, or leave it out' });
  }
  if (!isPlainObject(data)) {
    const what = Array.isArray(data) ? 'a list' : 'a single value';
    throw new ConfigFileError(name, `it holds ${what} where a mapping is needed`, {
      help: 'begin with a key such as `component:`',
    });
  }
  const fault = findFault(data);
  if (fault) {
    const offset = locate(fault.path)?.offset;
    throw new ConfigFileError(name, `key \`${formatPath(fault.path)}\` ${fault.what}`, {
      place: offset === undefined ? undefined : placeAt(text, offset),
      help: 'rename it or leave it out',
    });
  }
  return { label: name, data, locate: originOf };
}

interface Source {
  readonly name: string;
  readonly text: string;
  readonly folder: string;
  readonly env: Environment;
}

const readers: Readonly<Record<string, (source: Source) => YamlText>> = {
  '.yaml': readYaml,
  '.yml': readYaml,
  '.json': readJson,
};

function readYaml({ name, text, ...surroundings }: Source): YamlText {
  try {
    return parseYaml(text, surroundings);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const place = error.offset === undefined ? undefined : placeAt(text, error.offset);
    throw new ConfigFileError(name, error.message + inLine(place), { place, note: error.note, help: error.help });
  }
}

/** JSON is nearly YAML: that parser tells places in it, which JSON's own does not. */
function readJson(source: Source): YamlText {
  const { name, text } = source;
  if (text.trim() === '') return { data: null, locate: () => undefined };
  try {
    const data: unknown = JSON.parse(text);
    let document: YamlText | undefined;
    const locate: YamlText['locate'] = (path) => {
      try {
        document ??= parseYaml(text, source);
        return document.locate(path);
      } catch {
        // Some JSON is no YAML, such as a key of more than 1,024 characters: then only the file is named.
        return undefined;
      }
    };
    return { data, locate };
  } catch (error) {
    // The message quotes the text, which may be a secret; only its position is taken.
    const position = /at position (\d+)/.exec(String(error))?.[1];
    const offset = position === undefined ? findJsonFault(text) : Number(position);
    const place = offset === undefined ? undefined : placeAt(text, offset);
    throw new ConfigFileError(name, `it is not valid JSON${inLine(place)}`, {
      place,
      help: 'mend it, or name it .yaml if it is meant to be YAML',
    });
  }
}

function inLine(place: FilePlace | undefined): string {
  return place ? ` (line ${place.line})` : '';
}

const widest = 90;

function placeAt(text: string, offset: number): FilePlace {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  const column = offset - start + 1;
  const [whole = ''] = text.slice(start, start + column + widest).split(/\r?\n/, 1);
  // A long line is cut so that the marked place stays in sight.
  const cut = Math.max(0, column - widest);
  const shown = whole.slice(cut, cut + widest);
  const margin = `${line} │ `;
  const indent = shown.slice(0, column - 1 - cut).replace(/[^\t]/g, ' ');
  return { line, column, picture: `${margin}${shown}\n${' '.repeat(margin.length - 2)}│ ${indent}^` };
}
