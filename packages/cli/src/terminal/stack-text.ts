/**
 * Formats the stack of an error for the author of the application: only frames of the application, with short paths.
 * Excludes frames of Node, of the runtime and of the TypeScript loader, which are not helpful for this author.
 */
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AsphaltError } from '@asphalt/core';
import { describeThrown } from '@asphalt/core/errors';
import { foreignInBundle, withSourceFrames } from './bundle-frames.ts';
import { packageFile } from './package-files.ts';

/**
 * Returns the name, message and frames of an error, of the errors in it, and of its causes. Uses all frames if the
 * filter leaves none.
 */
export function stackText(error: unknown): string {
  const family = familyOf(error);
  return chainText(error, family.some((link) => framesOf(link).length > 0) ? framesOf : allFramesOf);
}

/** Returns the stacks of the errors that caused an error of the runtime, if they contain additional information. */
export function causeStacks(error: AsphaltError): string[] {
  return causesOf(error).flatMap((cause) => {
    if (AsphaltError.is(cause)) return causeStacks(cause);
    return familyOf(cause).some(hasDetails) ? [chainText(cause, framesOf)] : [];
  });
}

type Frames = (error: unknown) => readonly string[];

/** The most errors of an aggregate that are printed. */
const mostErrors = 10;

/** @param seen - the errors above, because errors can refer to each other in a circle */
function chainText(error: unknown, frames: Frames, seen: readonly unknown[] = []): string {
  const chain = chainOf(error, seen);
  return chain
    .map((link) => {
      if (AsphaltError.is(link)) return link.message;
      return [headline(link), ...frames(link), ...partTexts(link, frames, [...seen, ...chain])].join('\n');
    })
    .join('\ncaused by ');
}

/** Returns the errors in an error, numbered and indented. */
function partTexts(error: unknown, frames: Frames, seen: readonly unknown[]): string[] {
  const parts = partsOf(error).filter((part) => !seen.includes(part));
  const texts = parts.slice(0, mostErrors).map((part, index) => {
    const label = `  ${index + 1}. `;
    return label + chainText(part, frames, seen).replaceAll('\n', `\n${' '.repeat(label.length)}`);
  });
  return parts.length > mostErrors ? [...texts, `  and ${parts.length - mostErrors} more`] : texts;
}

/** Returns the errors in an `AggregateError` or a similar error, and both errors of a `SuppressedError`. */
function partsOf(error: unknown): readonly unknown[] {
  if (!(error instanceof Error) || AsphaltError.is(error)) return [];
  const { errors, error: latest, suppressed } = error as { errors?: unknown; error?: unknown; suppressed?: unknown };
  if (Array.isArray(errors)) return errors;
  return error.name === 'SuppressedError' ? [latest, suppressed] : [];
}

/** Returns an error, its causes, the errors in it, and those of each of them. */
function familyOf(error: unknown): unknown[] {
  const family = new Set<unknown>([error]);
  for (const link of family) {
    for (const part of partsOf(link).slice(0, mostErrors)) family.add(part);
    if (link instanceof Error && link.cause !== undefined) family.add(link.cause);
  }
  return [...family];
}

/** Returns the errors in an error of the runtime, or its cause. */
export function causesOf(error: AsphaltError): unknown[] {
  const { errors } = error as { errors?: readonly unknown[] };
  if (errors === undefined) return error.cause === undefined ? [] : [error.cause];
  // Some errors store each failure together with its place.
  return errors.map((entry) => (entry instanceof Error ? entry : (entry as { error?: unknown } | null)?.error));
}

function chainOf(error: unknown, seen: readonly unknown[]): unknown[] {
  const chain: unknown[] = [];
  for (let link = error; link !== undefined && ![...seen, ...chain].includes(link); link = (link as Error).cause) {
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
    partsOf(error).length > 0 ||
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
  const always = ['(node:', ' node:', '(<anonymous>)', 'node_modules/tsx/', 'node_modules/esbuild/'];
  const inBundle = foreignInBundle();
  if (inBundle) return [...always, ...inBundle];
  return always.concat(
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
  if (!(error instanceof Error) || error.stack === undefined) return [];
  return withSourceFrames(error.stack).match(/^ +at .*$/gm) ?? [];
}

function withShortPath(frame: string): string {
  return frame.replace(/(?:file:\/\/)?\/[^\n)]*/, (location) => {
    const path = location.startsWith('file:') ? fileURLToPath(location) : location;
    const short = relative(process.cwd(), path);
    return short.startsWith('..') ? path : short;
  });
}
