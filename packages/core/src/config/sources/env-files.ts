/** Reads files of environment variables, such as `.env`. Their content is never evaluated or expanded. */
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { readVariable, withPlaces, type Environment } from '../environment.ts';
import { ConfigFileError } from '../errors.ts';
import { largestSize, readSmallText, UnreadableFile } from './read-file.ts';

/**
 * Returns an environment with the variables of files below it. A later file overrides earlier ones.
 *
 * @param files - names of files, as the user wrote them
 * @throws {@link ConfigFileError} when a file cannot be read, or a line of it is not `NAME=value`
 */
export function readEnvFiles(
  files: readonly string[],
  { env, cwd }: { readonly env: Environment; readonly cwd: string },
): Environment {
  const variables: Record<string, string> = {};
  const places = new Map<string, string>();
  for (const file of files) {
    const text = readSmallText(resolve(cwd, file), largestSize);
    if (text instanceof UnreadableFile) throw new ConfigFileError(file, text.why, { cause: text.cause });
    const lines = linesOf(text, file);
    for (const [name, value] of Object.entries(parseEnv(text))) {
      if (value === undefined || readVariable(env, name) !== undefined) continue;
      variables[name] = value;
      places.set(name, `${file}:${lines.get(name)}`);
    }
  }
  return withPlaces({ ...env, ...variables }, places);
}

/** Returns the line of each variable. The text that a quote opens may have several lines. */
function linesOf(text: string, file: string): Map<string, number> {
  const found = new Map<string, number>();
  let quote: string | undefined;
  const lines = text.split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    if (quote !== undefined) {
      if (line.includes(quote)) quote = undefined;
      continue;
    }
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, name, value = ''] = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name === undefined) {
      // The line may contain a secret.
      throw new ConfigFileError(file, 'a line is not a variable', {
        summary: `Cannot read ${file}: line ${index + 1} is not \`NAME=value\``,
        help: 'put a text of several lines in quotes, or start a comment with #',
      });
    }
    found.set(name, index + 1);
    const [open] = /^["'`]/.exec(value) ?? [];
    // A quote that nothing closes is part of the value.
    const isOpen = open !== undefined && !value.includes(open, 1);
    if (isOpen && lines.slice(index + 1).some((later) => later.includes(open))) quote = open;
  }
  return found;
}
