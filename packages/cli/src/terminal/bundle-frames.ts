/** Translates stack frames of a built application, whose bundle Node loads without its source map. */
import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, resolve } from 'node:path';

/** The extension of the whole source map of a bundle. `.map` has only the application's sources. */
export const wholeMapExtension = '.whole.map';

/** The bundle of this process. */
interface Bundle {
  readonly file: string;
  /** The folders of the runtime, whose frames are never shown. */
  readonly foreign: readonly string[];
  /** The source maps that have been read, by extension. */
  readonly maps: Map<string, SourceMap>;
}

/** The bundle of a built application. Empty in every other process. */
const bundles: Bundle[] = [];

/** Has the frames of a bundle translated. */
export function translateFrames(file: string, foreign: readonly string[]): void {
  bundles.splice(0, 1, { file, foreign, maps: new Map() });
}

/** Returns the parts that identify frames of the runtime; undefined if this process is not a built application. */
export function foreignInBundle(): readonly string[] | undefined {
  const [bundle] = bundles;
  return bundle && [...bundle.foreign, bundle.file];
}

/**
 * Returns a stack whose frames refer to the sources. Frames of libraries stay in the bundle, except if the stack has no
 * others: the whole map is large.
 */
export function withSourceFrames(stack: string): string {
  const [bundle] = bundles;
  if (!bundle || !stack.includes(bundle.file)) return stack;
  const own = translated(stack, bundle, '.map');
  return own === stack ? translated(stack, bundle, wholeMapExtension) : own;
}

/** A place, after the name of the function if a frame has one. */
const framePattern = /(?:(?<=\n *at )([^\n()]+) \()?((?:file:\/\/)?\/[^\n():]+):(\d+):(\d+)/g;

function translated(stack: string, bundle: Bundle, extension: string): string {
  return stack.replaceAll(framePattern, (text, name: string | undefined, file: string, line, column) => {
    if (!file.endsWith(bundle.file)) return text;
    const place = placeIn(bundle, extension, Number(line), Number(column));
    if (place === undefined) return text;
    return name === undefined ? place : `${sourceName(name)} (${place}`;
  });
}

/** Returns the name of a function without the numbers by which the bundler distinguishes classes of several modules. */
function sourceName(name: string): string {
  return name.replaceAll(/\$\d+(?=\.|$)/g, '');
}

function placeIn({ file, maps }: Bundle, extension: string, line: number, column: number): string | undefined {
  try {
    const known = maps.get(extension);
    const map = known ?? new SourceMap(JSON.parse(readFileSync(file + extension, 'utf8')) as SourceMapPayload);
    if (!known) maps.set(extension, map);
    const entry = map.findEntry(line - 1, column - 1);
    // The nearest segment may be in another line, or end a part of the map.
    if (!('originalSource' in entry) || entry.originalSource === undefined || entry.generatedLine !== line - 1)
      return undefined;
    const source = resolve(dirname(file), entry.originalSource);
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  } catch {
    // Without a readable source map, the place in the bundle must do.
    return undefined;
  }
}
