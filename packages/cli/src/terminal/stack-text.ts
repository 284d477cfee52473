/**
 * Formats the stack of an error for the author of the application: only frames of the application, with short paths.
 * Excludes frames of Node, of the runtime and of the TypeScript loader, which are not helpful for this author.
 */
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AsphaltError } from '@asphalt/core';
import { describeThrown } from '@asphalt/core/errors';
import { packageFile } from './package-files.ts';

/** Returns the name, message and frames of an error and of its causes. Uses all frames if the filter leaves none. */
export function stackText(error: unknown): string {
  const chain = chainOf(error);
  return chainText(chain, chain.some((link) => framesOf(link).length > 0) ? framesOf : allFramesOf);
}

/** Returns the stacks of the errors that caused an error of the runtime, if they contain additional information. */
export function causeStacks(error: AsphaltError): string[] {
  return causesOf(error).flatMap((cause) => {
    if (AsphaltError.is(cause)) return causeStacks(cause);
    const chain = chainOf(cause);
    return chain.some(hasDetails) ? [chainText(chain, framesOf)] : [];
  });
}

function chainText(chain: readonly unknown[], frames: (error: unknown) => readonly string[]): string {
  return chain
    .map((link) => (AsphaltError.is(link) ? link.message : [headline(link), ...frames(link)].join('\n')))
    .join('\ncaused by ');
}

function causesOf(error: AsphaltError): unknown[] {
  const { errors } = error as { errors?: readonly unknown[] };
  if (errors === undefined) return error.cause === undefined ? [] : [error.cause];
  // Some errors store each failure together with its place.
  return errors.map((entry) => (entry instanceof Error ? entry : (entry as { error?: unknown }).error));
}

function chainOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let link = error; link !== undefined && !chain.includes(link); link = (link as Error).cause) {
    chain.push(link);
    if (!(link instanceof Error)) break;
  }
  return chain;
}

/** Whether an error contains more than its message, which the runtime quotes: frames, or a line with a syntax error. */
function hasDetails(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    framesOf(error).length > 0 ||
    !headline(error)
      .split('\n', 1)[0]
      ?.includes(error.message.split('\n', 1)[0] ?? '')
  );
}

/** Returns the part of a stack before its frames: name and message at creation, and in some errors a code frame. */
function headline(error: unknown): string {
  const { stack } = error instanceof Error ? error : {};
  return stack?.split(/\n +at /)[0] ?? describeThrown(error);
}

/** The parts that identify frames outside of the user's code. Computed for the first frame. */
let foreign: readonly string[] | undefined;

function foreignParts(): string[] {
  return ['(node:', ' node:', '(<anonymous>)', 'node_modules/tsx/', 'node_modules/esbuild/'].concat(
    [
      new URL('..', import.meta.resolve('@asphalt/core')),
      ...['dist/', 'src/'].map((folder) => pathToFileURL(packageFile(folder))),
    ].flatMap((url) => [url.href, fileURLToPath(url)]),
  );
}

/** Returns the frames to show. Includes frames of libraries only if the application has none. */
function framesOf(error: unknown): string[] {
  const parts = (foreign ??= foreignParts());
  const outside = allFramesOf(error).filter((frame) => !parts.some((part) => frame.includes(part)));
  const own = outside.filter((frame) => !frame.includes('node_modules'));
  return (own.length > 0 ? own : outside).map(withShortPath);
}

function allFramesOf(error: unknown): string[] {
  return (error instanceof Error && error.stack?.match(/^ +at .*$/gm)) || [];
}

function withShortPath(frame: string): string {
  return frame.replace(/(?:file:\/\/)?\/[^\n)]*/, (location) => {
    const path = location.startsWith('file:') ? fileURLToPath(location) : location;
    const short = relative(process.cwd(), path);
    return short.startsWith('..') ? path : short;
  });
}
