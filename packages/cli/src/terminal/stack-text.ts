/**
 * The stack of an error for the person who wrote the code: its own frames, with paths as one types them. Frames of
 * Node, of the runtime and of what compiles TypeScript say nothing about that code.
 */
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AsphaltError, describeThrown } from '@asphalt/core';
import { packageFile } from './package-files.ts';

/** An error's name, message and frames, then those of its causes; all frames where none is worth showing. */
export function stackText(error: unknown): string {
  const chain = chainOf(error);
  return chainText(chain, chain.some((link) => framesOf(link).length > 0) ? framesOf : allFramesOf);
}

/** The stacks of the errors behind an error of the runtime, where they lead anywhere. */
export function causeStacks(error: AsphaltError): string[] {
  return causesOf(error).flatMap((cause) => {
    if (AsphaltError.is(cause)) return causeStacks(cause);
    const chain = chainOf(cause);
    return chain.some(tellsMore) ? [chainText(chain, framesOf)] : [];
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
  // Some errors keep the place of each failure beside it.
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

/** More than its message, which the error of the runtime quotes: where it was thrown, or the line that is no JavaScript. */
function tellsMore(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    framesOf(error).length > 0 ||
    !headline(error)
      .split('\n', 1)[0]
      ?.includes(error.message.split('\n', 1)[0] ?? '')
  );
}

/** A stack begins with name and message as they were when the error was made, and some errors have a picture there. */
function headline(error: unknown): string {
  const { stack } = error instanceof Error ? error : {};
  return stack?.split(/\n +at /)[0] ?? describeThrown(error);
}

/** How frames look that say nothing about the user's code; found out when there is the first one to judge. */
let foreign: readonly string[] | undefined;

function foreignParts(): string[] {
  return ['(node:', ' node:', '(<anonymous>)', 'node_modules/tsx/', 'node_modules/esbuild/'].concat(
    [
      new URL('.', import.meta.resolve('@asphalt/core')),
      ...['dist/', 'src/'].map((folder) => pathToFileURL(packageFile(folder))),
    ].flatMap((url) => [url.href, fileURLToPath(url)]),
  );
}

/** The frames worth showing; those in libraries only where there are no others. */
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
