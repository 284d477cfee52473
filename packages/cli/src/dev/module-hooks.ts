/**
 * Runs where modules are resolved, and writes each file that the application imports, or tries to, into the pipe that
 * `asphalt dev` reads. Written through, so that a process which fails while it loads has told its files as well.
 */
import { writeSync } from 'node:fs';
import { type ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import { reportPipe } from './report-pipe.ts';

export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  try {
    const resolved = await nextResolve(specifier, context);
    report(resolved.url);
    return resolved;
  } catch (error) {
    // A file that is missing may be the next one that is written.
    if (specifier.startsWith('.') && context.parentURL !== undefined)
      report(new URL(specifier, context.parentURL).href);
    throw error;
  }
};

function report(url: string): void {
  if (!url.startsWith('file:') || url.includes('/node_modules/')) return;
  try {
    writeSync(reportPipe, `${fileURLToPath(url)}\n`);
  } catch {
    // Whoever watched is gone; the application goes on.
  }
}
