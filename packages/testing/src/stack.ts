/** Finds the place in the user's code that a stack leads to. */
import { createRequire } from 'node:module';
import { dirname, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A captured stack. V8 formats it when it is read. */
export interface Stack {
  readonly stack?: string;
}

const depth = 100;

/** The sources of this package and of core are no user code, even if they are linked instead of installed. */
const own = [
  dirname(fileURLToPath(import.meta.url)),
  dirname(createRequire(import.meta.url).resolve('@asphalt/core/package.json')),
].map((folder) => folder + sep);

/** Captures the stack of the caller. */
export function captureStack(): Stack {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = depth;
  const captured: Stack = {};
  Error.captureStackTrace(captured, captureStack);
  Error.stackTraceLimit = limit;
  return captured;
}

const framePattern = /^ +at (?:async )?(?:(.+) \()?((?:file:\/\/|\/|[A-Za-z]:\\).+?):(\d+):\d+\)?$/gm;

/**
 * Returns the innermost frame of the user's code as text, such as `Poller.start (src/poller.ts:12)`, otherwise that of an
 * installed package, or undefined if the stack has neither.
 */
export function placeIn({ stack = '' }: Stack): string | undefined {
  let installed: string | undefined;
  for (const [, name, location = '', line] of stack.matchAll(framePattern)) {
    const file = location.startsWith('file://') ? fileURLToPath(location.replace(/\?.*$/, '')) : location;
    if (own.some((folder) => file.startsWith(folder))) continue;
    const near = relative(process.cwd(), file);
    const place = `${near.startsWith('..') ? file : near}:${line}`;
    const text = name === undefined ? place : `${name} (${place})`;
    if (!file.includes(`${sep}node_modules${sep}`)) return text;
    installed ??= text;
  }
  return installed;
}
