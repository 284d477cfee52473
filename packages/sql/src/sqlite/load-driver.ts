import { SqlDriverError } from '../errors.ts';
import type { SqliteModule } from './interface.ts';

/** The two modules with the interface of `node:sqlite`. */
export type SqliteDriverName = 'node:sqlite' | '@photostructure/sqlite';

const help = [
  'run the application on Node 24.15 or newer, which has a built-in driver',
  'install @photostructure/sqlite on a platform that it supports',
];

/** Loads a driver, by default the one for the current runtime. Not imported statically: other dialects do not need it. */
export async function loadDriver(name?: SqliteDriverName): Promise<SqliteModule> {
  if (name === undefined) return (builtInIsStable() ? builtIn() : undefined) ?? loadDriver('@photostructure/sqlite');
  try {
    if (name === '@photostructure/sqlite') return (await import('@photostructure/sqlite')) as unknown as SqliteModule;
    const module = builtIn();
    if (module) return module;
    throw new Error('This runtime has no node:sqlite with columns() and setAuthorizer()');
  } catch (cause) {
    throw new SqlDriverError(name, cause, help);
  }
}

/** Returns the built-in driver; undefined if it lacks a method that this package needs. */
function builtIn(): SqliteModule | undefined {
  const module = process.getBuiltinModule('node:sqlite') as unknown as SqliteModule | undefined;
  const isComplete =
    module && 'setAuthorizer' in module.DatabaseSync.prototype && 'columns' in module.StatementSync.prototype;
  return isComplete ? module : undefined;
}

/**
 * Whether loading the built-in driver prints no ExperimentalWarning: in Deno, in Bun, and in Node from 24.15 on. Node 25 has
 * the warning up to 25.6, and is past its end of life.
 */
function builtInIsStable(): boolean {
  const { node, deno, bun } = process.versions as Record<string, string | undefined>;
  if (deno !== undefined || bun !== undefined) return true;
  const [major = 0, minor = 0] = (node ?? '').split('.').map(Number);
  return major > 25 || (major === 24 && minor >= 15);
}
