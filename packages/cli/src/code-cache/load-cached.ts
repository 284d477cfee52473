/** Loads a CommonJS bundle, on Node with a code cache that was produced after a run, so that it contains lazy functions. */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { CacheFile } from './cache-file.ts';

export interface LoadedBundle {
  readonly exports: unknown;
  /** Why the cache must not be used. */
  readonly problem: string | undefined;
  /** Has the cache written when the process exits, if it does not exist yet. */
  readonly writeCache: () => void;
}

/** The name by which a bundle calls `import()`, of the same length as the keyword, so that source maps stay valid. */
export const importName = '$impor';

/** A bundle is a function of the variables of a CommonJS module. The build adds these texts, because joining takes time here. */
export const bundleStart = `(function (exports, require, module, __filename, __dirname, ${importName}) {`;
export const bundleEnd = '})';

/** The functions of the loader in the folder of the bundle; scripts outside of Node's loaders have none of their own. */
export interface Loaders {
  readonly require: NodeJS.Require;
  /** `import()`. */
  readonly importModule: (specifier: string) => Promise<unknown>;
}

/** @param encoding - of the file; Node reads Latin-1 faster */
export function loadCached(
  file: string,
  encoding: 'latin1' | 'utf8',
  { require, importModule }: Loaders,
): LoadedBundle {
  const source = readFileSync(file).toString(encoding);
  const cache = isCacheable() ? new CacheFile(join(dirname(file), 'cache'), basename(file)) : undefined;
  const cachedData = cache?.read();
  const script = new Script(source, { filename: file, ...(cachedData && { cachedData }) });
  const module = { exports: {} };
  const start = script.runInThisContext() as (...values: readonly unknown[]) => void;
  start(module.exports, require, module, file, dirname(file), importModule);
  const isUsed = cachedData !== undefined && script.cachedDataRejected !== true;
  let isWanted = cache !== undefined && !isUsed && cache.problem === undefined;
  return {
    exports: module.exports,
    problem: cache?.problem,
    writeCache: () => {
      if (!isWanted) return;
      isWanted = false;
      process.once('exit', () => cache?.write(script.createCachedData()));
    },
  };
}

/** Deno and Bun have no code cache for scripts. */
export function isCacheable(): boolean {
  return !('deno' in process.versions || 'bun' in process.versions) && process.env['ASPHALT_CODE_CACHE'] !== 'off';
}
