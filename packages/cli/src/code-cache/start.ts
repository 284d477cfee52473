/** The program of `main.js` in a built application. */
import { join } from 'node:path';
import type { BuiltProgram } from '../built/main.ts';
import { loadCached } from './load-cached.ts';
import { loadModule } from './load-module.ts';

/** Loads the bundle of a built application and runs it. */
export async function start(
  folder: string,
  bundle: string,
  importModule: (specifier: string) => Promise<unknown>,
): Promise<void> {
  const load = bundle.endsWith('.mjs') ? loadModule : loadCached;
  const { exports, problem, writeCache } = await load(join(folder, bundle), importModule);
  const { main } = exports as BuiltProgram;
  await main(process.argv.slice(2), { folder, bundle, warning: problem, onStarted: writeCache });
}
