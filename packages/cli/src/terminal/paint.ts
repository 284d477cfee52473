import { styleText } from 'node:util';

/** Adds colors and other formats to a text. Returns it unchanged if colors are disabled. */
export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

export function painter(hasColors: boolean): Paint {
  // Without `validateStream: false`, `styleText` checks standard output even for text on standard error.
  return hasColors ? (format, text) => styleText(format, text, { validateStream: false }) : (_, text) => text;
}
