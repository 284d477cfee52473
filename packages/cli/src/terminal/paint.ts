import { styleText } from 'node:util';

/** Gives a text colours and the like; changes nothing where they are not wanted. */
export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

export function painter(hasColors: boolean): Paint {
  // Left to itself, `styleText` asks standard output, also about what goes to standard error.
  return hasColors ? (format, text) => styleText(format, text, { validateStream: false }) : (_, text) => text;
}
