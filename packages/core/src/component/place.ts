/**
 * Where something was declared. Decorators keep one stack frame each; V8 formats it only when it is read, and a frame
 * in compiled code is followed through its source map only then.
 */
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A place in a source file; lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A stack frame that was taken and not yet read. */
export interface Site {
  readonly stack?: string;
}

/** Keeps the frame of whoever called `callee`. */
export function captureSite(callee: (...args: never[]) => unknown): Site {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 1;
  const site: Site = {};
  Error.captureStackTrace(site, callee);
  Error.stackTraceLimit = limit;
  return site;
}

const framePattern = /(?:\(|at )((?:file:\/\/|\/|[A-Za-z]:\\).+?):(\d+):(\d+)\)?$/m;

/** The place of a site in the source as it was written; undefined where the frame tells none. */
export function placeOf(site: Site | undefined): Place | undefined {
  const match = framePattern.exec(site?.stack ?? '');
  if (!match) return undefined;
  const [, location = '', line, column] = match;
  const file = location.startsWith('file://') ? fileURLToPath(location.replace(/\?.*$/, '')) : location;
  return throughSourceMap({ file, line: Number(line), column: Number(column) });
}

/** A place as messages show it: relative to the working folder where that is shorter. */
export function placeText(place: Place | undefined): string | undefined {
  if (!place) return undefined;
  const near = relative(process.cwd(), place.file);
  return `${near.startsWith('..') ? place.file : near}:${place.line}`;
}

function throughSourceMap(place: Place): Place {
  if (!/\.[cm]?js$/.test(place.file)) return place;
  const map = `${place.file}.map`;
  if (!existsSync(map)) return place;
  try {
    const payload = JSON.parse(readFileSync(map, 'utf8')) as SourceMapPayload;
    const entry = new SourceMap(payload).findEntry(place.line - 1, place.column - 1);
    if (!('originalSource' in entry)) return place;
    const file = resolve(dirname(place.file), entry.originalSource);
    return { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  } catch {
    // A map that cannot be read only costs the nicer place.
    return place;
  }
}
