import { relative } from 'node:path';
import type { Place } from '@asphalt/core';

/** A place as one types it: relative to the working folder where it lies in there. */
export function placeText({ file, line }: Place): string {
  return `${shortPath(file)}:${line}`;
}

export function shortPath(file: string): string {
  const near = relative(process.cwd(), file);
  return near.startsWith('..') ? file : near === '' ? '.' : near;
}
