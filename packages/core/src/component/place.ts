/**
 * Records where a decorator was used. In a built application, the bundle contains the places. Elsewhere, each decorator
 * captures one stack frame. V8 formats the frame, and the source map of compiled code is read, only when the place is
 * needed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A place in a source file; lines and columns start at 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Where a decorator was used: a captured stack frame that is not formatted yet, or a place from a build. */
export type Site = CapturedSite | RecordedSite;

interface CapturedSite {
  readonly stack?: string;
}

class RecordedSite {
  /** The place of the next call of a decorator. */
  static #next: { readonly callee: unknown; readonly site: RecordedSite } | undefined;

  constructor(
    readonly file: () => string,
    readonly line: number,
    readonly column: number,
  ) {}

  static announce(callee: unknown, site: RecordedSite): void {
    RecordedSite.#next = { callee, site };
  }

  /** Returns the announced place, unless it belongs to another call: arguments may contain calls of their own. */
  static take(callee: unknown): RecordedSite | undefined {
    const announced = RecordedSite.#next;
    RecordedSite.#next = undefined;
    return announced && announced.callee === callee ? announced.site : undefined;
  }
}

/**
 * Records the place of a call, which then need not capture a stack frame: a capture takes 4 µs. `asphalt build` writes
 * `at(inject, file, 12, 3)(Service)` for `inject(Service)`.
 *
 * @param callee - a decorator of this package
 * @returns the callee
 */
export function at<F>(callee: F, file: () => string, line: number, column: number): F {
  RecordedSite.announce(callee, new RecordedSite(file, line, column));
  return callee;
}

/** Returns the place of the caller of `callee`. */
export function captureSite(callee: (...args: never[]) => unknown): Site {
  const recorded = RecordedSite.take(callee);
  if (recorded) return recorded;
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 1;
  const site: CapturedSite = {};
  Error.captureStackTrace(site, callee);
  Error.stackTraceLimit = limit;
  return site;
}

/**
 * Returns the place of the caller of a function, for the errors of decorators that packages define.
 *
 * @returns the place and its text; undefined if the frame has none
 */
export function callerOf(
  callee: (...args: never[]) => unknown,
): { readonly place: Place; readonly text: string } | undefined {
  const place = placeOf(captureSite(callee));
  return place && { place, text: placeText(place)! };
}

const framePattern = /(?:\(|at )((?:file:\/\/|\/|[A-Za-z]:\\).+?):(\d+):(\d+)\)?$/m;

/**
 * Returns the place of a site in the original source, or undefined if the frame has none.
 *
 * @param maps - the source maps of earlier calls, for callers that need many places
 */
export function placeOf(site: Site | undefined, maps = new SourceMaps()): Place | undefined {
  if (site instanceof RecordedSite) {
    const { file, line, column } = site;
    return maps.placeInSource({ file: file(), line, column });
  }
  const match = framePattern.exec(site?.stack ?? '');
  if (!match) return undefined;
  const [, location = '', line, column] = match;
  const file = location.startsWith('file://') ? fileURLToPath(location.replace(/\?.*$/, '')) : location;
  return maps.placeInSource({ file, line: Number(line), column: Number(column) });
}

/** Returns a place as shown in messages: relative to the working folder if the file is below it. */
export function placeText(place: Place | undefined): string | undefined {
  if (!place) return undefined;
  const near = relative(process.cwd(), place.file);
  return `${near.startsWith('..') ? place.file : near}:${place.line}`;
}

/** The source maps of compiled files, each read once. The map of a bundle is large, and many places are in few files. */
export class SourceMaps {
  readonly #maps = new Map<string, SourceMap | undefined>();

  /** Returns the place in the source; the given place if the file has no readable source map. */
  placeInSource(place: Place): Place {
    if (!/\.[cm]?js$/.test(place.file)) return place;
    try {
      const entry = this.#mapOf(place.file)?.findEntry(place.line - 1, place.column - 1);
      if (!entry || !('originalSource' in entry) || entry.originalSource === undefined) return place;
      const file = resolve(dirname(place.file), entry.originalSource);
      return { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
    } catch {
      return place;
    }
  }

  #mapOf(file: string): SourceMap | undefined {
    if (this.#maps.has(file)) return this.#maps.get(file);
    const path = `${file}.map`;
    const map = existsSync(path)
      ? new SourceMap(JSON.parse(readFileSync(path, 'utf8')) as SourceMapPayload)
      : undefined;
    this.#maps.set(file, map);
    return map;
  }
}
