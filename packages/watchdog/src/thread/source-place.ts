/** Maps positions in running code to positions in its source files. */
import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A script as the inspector reports it. */
export interface Script {
  readonly url: string;
  readonly sourceMapURL: string | undefined;
}

export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Returns the position in the source file, or in the script if it has no source map. The parameters count from 0, the
 * result counts from 1.
 */
export function sourcePlace(script: Script, line: number, column: number): SourcePlace {
  const file = fileOf(script.url);
  const generated = { file, line: line + 1, column: column + 1 };
  if (!script.sourceMapURL) return generated;
  try {
    const entry = new SourceMap(readMap(script.sourceMapURL, file)).findEntry(line, column);
    if (!('originalSource' in entry)) return generated;
    const { originalSource, originalLine, originalColumn } = entry;
    const source = originalSource.startsWith('file:') ? fileURLToPath(originalSource) : originalSource;
    return { file: resolve(dirname(file), source), line: originalLine + 1, column: originalColumn + 1 };
  } catch {
    // Without a readable map, the position in the script is still useful.
    return generated;
  }
}

function fileOf(url: string): string {
  return url.startsWith('file:') ? fileURLToPath(url.replace(/[?#].*$/, '')) : url;
}

function readMap(url: string, file: string): SourceMapPayload {
  const data = /^data:application\/json[^,]*?(;base64)?,(.*)$/s.exec(url);
  const text = data
    ? Buffer.from(data[2]!, data[1] ? 'base64' : 'utf8').toString()
    : readFileSync(resolve(dirname(file), url), 'utf8');
  return JSON.parse(text) as SourceMapPayload;
}
