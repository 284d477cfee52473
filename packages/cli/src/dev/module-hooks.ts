/**
 * Runs where modules are resolved, and writes each file that the application imports, or tries to, into the pipe that
 * `asphalt dev` reads. Written through, so that a process which fails while it loads has told its files as well.
 */
import { writeSync } from 'node:fs';
import { type ResolveHook, type ResolveHookContext } from 'node:module';
import { fileURLToPath } from 'node:url';
import { reportPipe } from './report-pipe.ts';

interface Resolved {
  readonly url: string;
}

/** The hook for a thread of its own. */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  try {
    return found(await nextResolve(specifier, context));
  } catch (error) {
    missing(specifier, context);
    throw error;
  }
};

/** The same for the thread that loads. */
export function resolveSync(
  specifier: string,
  context: ResolveHookContext,
  nextResolve: (specifier: string, context: ResolveHookContext) => Resolved,
): Resolved {
  try {
    return found(nextResolve(specifier, context));
  } catch (error) {
    missing(specifier, context);
    throw error;
  }
}

function found<R extends Resolved>(resolved: R): R {
  report(resolved.url);
  return resolved;
}

/** A file that is missing may be the next one that is written. */
function missing(specifier: string, { parentURL }: ResolveHookContext): void {
  if (specifier.startsWith('.') && parentURL !== undefined) report(new URL(specifier, parentURL).href);
}

function report(url: string): void {
  if (!url.startsWith('file:') || url.includes('/node_modules/')) return;
  try {
    writeSync(reportPipe, `${fileURLToPath(url)}\n`);
  } catch {
    // Whoever watched is gone; the application goes on.
  }
}
