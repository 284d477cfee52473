/**
 * The reports that an application under `asphalt dev` sends through a pipe while it is loaded, one line each. They are
 * written synchronously, so that a process that fails while loading has reported its files before it ends.
 */
import { writeSync } from 'node:fs';

/** The file descriptor of the pipe in the process of the application. */
export const reportPipe = 3;

export type ProcessReport =
  /** A file that the application consists of or looks for. */
  | { readonly kind: 'file'; readonly file: string }
  /** A module of a package that a module of the application imports. */
  | { readonly kind: 'package'; readonly file: string }
  /** All modules are loaded. */
  | { readonly kind: 'loaded' };

export function report(what: ProcessReport): void {
  try {
    writeSync(reportPipe, `${JSON.stringify(what)}\n`);
  } catch {
    // `asphalt dev` has ended; the application continues.
  }
}

/** @param file - a path or URL */
export function isInPackage(file: string): boolean {
  return file.includes('/node_modules/');
}
