/** Loads an ES module bundle, on Node 22.10 and later with Node's own compile cache. A script is faster: see `load-cached.ts`. */
import { chmodSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { trustProblem } from './cache-file.ts';
import { isCacheable, type LoadedBundle } from './load-cached.ts';

/** The part of `node:module` that Node 20 does not have. */
interface CompileCache {
  readonly enableCompileCache?: (folder: string) => unknown;
  readonly flushCompileCache?: () => void;
}

export async function loadModule(
  file: string,
  importModule: (specifier: string) => Promise<unknown>,
): Promise<LoadedBundle> {
  const folder = join(dirname(file), 'cache');
  const { enableCompileCache, flushCompileCache } = module as typeof module & CompileCache;
  let problem: string | undefined;
  let writeCache = (): void => undefined;
  if (isCacheable() && enableCompileCache && flushCompileCache) {
    problem = problemIn(folder);
    if (problem === undefined) {
      enableCompileCache(folder);
      writeCache = () => {
        process.once('exit', () => {
          flushCompileCache();
          setModes(folder);
        });
      };
    }
  }
  return { exports: await importModule(pathToFileURL(file).href), problem, writeCache };
}

/** Returns why the files of a cache must not be used. Creates the folder if it can. */
function problemIn(folder: string): string | undefined {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
  } catch {
    // A read-only folder is usual in production.
  }
  for (const path of entriesOf(folder)) {
    const problem = trustProblem(lstatSync(path));
    if (problem !== undefined) return `Ignoring the code cache ${path}: it ${problem}`;
  }
  return undefined;
}

/** Sets the modes of `load-cached.ts`. Those of Node depend on the umask, and let no other user read the files. */
function setModes(folder: string): void {
  for (const path of entriesOf(folder)) {
    try {
      chmodSync(path, lstatSync(path).isDirectory() ? 0o755 : 0o644);
    } catch {
      // A file of another user keeps its mode. The next start checks it.
    }
  }
}

function entriesOf(folder: string): string[] {
  try {
    return [folder, ...readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)))];
  } catch {
    return [];
  }
}
