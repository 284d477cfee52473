/** The program of `main.js` in a built application. */
import { join } from 'node:path';
import type { BuiltProgram } from '../built/main.ts';
import { loadCached, type Loaders } from './load-cached.ts';

/** Loads the bundle of a built application and runs it. */
export async function start(
  folder: string,
  bundle: string,
  encoding: 'latin1' | 'utf8',
  loaders: Loaders,
): Promise<void> {
  const { exports, problem, writeCache } = loadCached(join(folder, bundle), encoding, loaders);
  const { main } = exports as BuiltProgram;
  await main(process.argv.slice(2), { folder, bundle, warning: problem, onStarted: writeCache });
}
