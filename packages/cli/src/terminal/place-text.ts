import { relative } from 'node:path';
import type { Place } from '@asphalt/core/inspect';

/** Formats a place. The path is relative to the working folder if it is inside of it. */
export function placeText({ file, line }: Place): string {
  return `${shortPath(file)}:${line}`;
}

export function shortPath(file: string): string {
  const near = relative(process.cwd(), file);
  return near.startsWith('..') ? file : near === '' ? '.' : near;
}
