/** The program of `main.js` in a built application. */
import { join } from 'node:path';
import type { BuiltProgram } from '../built/main.ts';
import { loadCached, type Loaders } from './load-cached.ts';
import { loadModule } from './load-module.ts';

/** Loads the bundle of a built application and runs it. */
export async function start(
  folder: string,
  bundle: string,
  encoding: 'latin1' | 'utf8',
  loaders: Loaders,
): Promise<void> {
  const file = join(folder, bundle);
  const { exports, problem, writeCache } = bundle.endsWith('.mjs')
    ? await loadModule(file, loaders.importModule)
    : loadCached(file, encoding, loaders);
  const { main } = exports as BuiltProgram;
  await main(process.argv.slice(2), { folder, bundle, warning: problem, onStarted: writeCache });
}
