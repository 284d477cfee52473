import { SqlDriverError } from '../errors.ts';
import type { SqliteModule } from './interface.ts';

/** The two modules with the interface of `node:sqlite`. */
export type SqliteDriverName = 'node:sqlite' | '@photostructure/sqlite';

/** Loads the driver, or the one that fits the runtime. Loaded late, because other dialects do not need it. */
export async function loadDriver(name = preferredDriver()): Promise<SqliteModule> {
  try {
    if (name === '@photostructure/sqlite') return (await import('@photostructure/sqlite')) as unknown as SqliteModule;
    const builtIn = process.getBuiltinModule(name) as unknown as SqliteModule | undefined;
    if (builtIn === undefined) throw new Error('This runtime has no such module');
    if (!('setAuthorizer' in builtIn.DatabaseSync.prototype)) throw new Error('It has no setAuthorizer()');
    return builtIn;
  } catch (cause) {
    throw new SqlDriverError(name, cause);
  }
}

/**
 * The built-in module where loading it prints no ExperimentalWarning: in Deno, in Bun, and in Node from 24.15 on. Node 25
 * has the warning up to 25.6, and is past its end of life.
 */
function preferredDriver(): SqliteDriverName {
  const { node, deno, bun } = process.versions as Record<string, string | undefined>;
  if (deno !== undefined || bun !== undefined) return 'node:sqlite';
  const [major = 0, minor = 0] = (node ?? '').split('.').map(Number);
  return major > 25 || (major === 24 && minor >= 15) ? 'node:sqlite' : '@photostructure/sqlite';
}
