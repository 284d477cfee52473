/**
 * What an application under `asphalt dev` tells of itself while it is loaded, one line each, through a pipe. Written
 * through, so that a process which fails while it loads has told its files as well.
 */
import { writeSync } from 'node:fs';

/** The file descriptor of the pipe in the process of the application. */
export const reportPipe = 3;

export type Report =
  /** A file that it consists of, or looks for. */
  | { readonly kind: 'file'; readonly file: string }
  /** A module of a package that one of its own modules imports. */
  | { readonly kind: 'package'; readonly file: string }
  /** All its modules have been loaded. */
  | { readonly kind: 'loaded' };

export function report(what: Report): void {
  try {
    writeSync(reportPipe, `${JSON.stringify(what)}\n`);
  } catch {
    // Whoever watched is gone; the application goes on.
  }
}

/** @param file - its path or URL */
export function isInPackage(file: string): boolean {
  return file.includes('/node_modules/');
}
