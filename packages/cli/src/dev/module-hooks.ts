/** Hooks into module resolution and reports each module that the application imports or tries to import. */
import type { ResolveHook, ResolveHookContext } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isInPackage, report } from './reports.ts';

interface Resolved {
  readonly url: string;
}

export interface HookOptions {
  /** Whether to report modules of packages, so that the next process loads them in advance. */
  readonly withPackages: boolean;
}

let withPackages = true;

/** Called by Node in the thread of the hooks, or by the loading thread that has the hooks itself. */
export function initialize(options: HookOptions): void {
  ({ withPackages } = options);
}

/** The `resolve` hook for a separate thread. */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  try {
    return found(await nextResolve(specifier, context), context);
  } catch (error) {
    missing(specifier, context);
    throw error;
  }
};

/** The `resolve` hook for the loading thread. */
export function resolveSync(
  specifier: string,
  context: ResolveHookContext,
  nextResolve: (specifier: string, context: ResolveHookContext) => Resolved,
): Resolved {
  try {
    return found(nextResolve(specifier, context), context);
  } catch (error) {
    missing(specifier, context);
    throw error;
  }
}

function found<R extends Resolved>(resolved: R, { parentURL }: ResolveHookContext): R {
  const { url } = resolved;
  if (!url.startsWith('file:')) return resolved;
  if (!isInPackage(url)) report({ kind: 'file', file: fileURLToPath(url) });
  else if (withPackages && parentURL !== undefined && !isInPackage(parentURL))
    report({ kind: 'package', file: fileURLToPath(url) });
  return resolved;
}

/** Reports a missing file, because the user may create it next. */
function missing(specifier: string, { parentURL }: ResolveHookContext): void {
  if (!specifier.startsWith('.') || parentURL === undefined) return;
  const { href, protocol } = new URL(specifier, parentURL);
  if (protocol === 'file:' && !isInPackage(href)) report({ kind: 'file', file: fileURLToPath(href) });
}
