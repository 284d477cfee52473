/** Translates stack frames of a built application, whose bundle Node loads without its source map. */
import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, resolve } from 'node:path';

/** The bundle of this process. */
interface Bundle {
  readonly file: string;
  /** The folders of the runtime, whose frames are never shown. */
  readonly foreign: readonly string[];
  map?: SourceMap | undefined;
}

/** The bundle of a built application. Empty in every other process. */
const bundles: Bundle[] = [];

/** Has the frames of a bundle translated. */
export function translateFrames(file: string, foreign: readonly string[]): void {
  bundles.splice(0, 1, { file, foreign });
}

/** Returns the folders of the runtime; undefined if this process is not a built application. */
export function foreignInBundle(): readonly string[] | undefined {
  return bundles[0]?.foreign;
}

/** Returns a stack whose frames refer to the sources. */
export function withSourceFrames(stack: string): string {
  const [bundle] = bundles;
  if (!bundle || !stack.includes(bundle.file)) return stack;
  return stack.replaceAll(/((?:file:\/\/)?\/[^\n():]+):(\d+):(\d+)/g, (text, file: string, line, column) =>
    file.endsWith(bundle.file) ? (placeIn(bundle, Number(line), Number(column)) ?? text) : text,
  );
}

function placeIn(bundle: Bundle, line: number, column: number): string | undefined {
  try {
    bundle.map ??= new SourceMap(JSON.parse(readFileSync(`${bundle.file}.map`, 'utf8')) as SourceMapPayload);
    const entry = bundle.map.findEntry(line - 1, column - 1);
    if (!('originalSource' in entry)) return undefined;
    const file = resolve(dirname(bundle.file), entry.originalSource);
    return `${file}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  } catch {
    // Without a readable source map, the place in the bundle must do.
    return undefined;
  }
}
