/**
 * Splits the source map of a bundle in two: a small one for the sources of the application, which the runtime reads for the
 * places in its messages, and the whole one, which is only read for errors that libraries alone cause.
 */
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { sep } from 'node:path';

export interface SourceMapData {
  readonly version: number;
  readonly sources: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
}

/** Returns whether a source belongs to a library or to the runtime. @param runtime - the folders of the runtime */
export function isLibrary(source: string, runtime: readonly string[]): boolean {
  return source.includes(`${sep}node_modules${sep}`) || runtime.some((folder) => source.startsWith(folder + sep));
}

/** Returns the part of a map for some sources. The names are left out. */
export function partOfMap(map: SourceMapData, isKept: (source: string) => boolean): SourceMapData {
  const kept = map.sources.map(isKept);
  const indexes = new Map<number, number>();
  const lines = decode(map.mappings).map((segments) =>
    segments.flatMap((segment): Array<[number] | [number, number, number, number]> => {
      const [column, source, line, sourceColumn] = segment;
      // A segment without a source ends the one before it.
      if (source === undefined || !kept[source]) return [[column]];
      const index = indexes.get(source) ?? indexes.size;
      indexes.set(source, index);
      return [[column, index, line!, sourceColumn!]];
    }),
  );
  const mappings = encode(lines.map(withoutRepeatedEnds));
  return { version: 3, sources: [...indexes.keys()].map((index) => map.sources[index]!), names: [], mappings };
}

type Segments = Array<[number] | [number, number, number, number]>;

function withoutRepeatedEnds(segments: Segments): Segments {
  return segments.filter((segment, index) => segment.length > 1 || (index > 0 && segments[index - 1]!.length > 1));
}
