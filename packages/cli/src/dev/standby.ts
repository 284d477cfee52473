/**
 * The process of an application under `asphalt dev`. It stands by while its predecessor runs, loads what is the same
 * for each start, and waits for its turn; then it does what `asphalt run` does. Tells which files the application
 * consists of, and ends with whoever started it.
 */
import { once } from 'node:events';
import module from 'node:module';
import { pathToFileURL } from 'node:url';
import { loadConfig } from '@asphalt/core';
import { prepareForConfigModule } from '../load/module.ts';
import type { ApplicationArguments } from '../load/plan.ts';
import { Shell } from '../terminal/shell.ts';
import { prepareTypeScript } from '../load/typescript.ts';
import { reportReads } from './file-reads.ts';
import { resolveSync } from './module-hooks.ts';
import { report } from './reports.ts';

export interface StandbyArguments extends ApplicationArguments {
  /** Modules of packages that the predecessor imported, by their files. */
  readonly packages: readonly string[];
}

process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
const turn = once(process, 'message');
const { packages, ...args } = JSON.parse(process.argv[2]!) as StandbyArguments;
const shell = new Shell();

const { run } = await import('../run/run.ts');
const endReports = reportReads();
// Before the hooks, with which each module takes longer. What fails will fail again where the application imports it.
await Promise.allSettled(packages.map((file) => import(pathToFileURL(file).href)));
await rehearse().catch(() => undefined);
const { registerHooks } = module as { readonly registerHooks?: (hooks: object) => void };
if (registerHooks === undefined) module.register('./module-hooks.js', import.meta.url);
else registerHooks({ resolve: resolveSync });

await turn;
process.channel?.unref();
await shell.perform(() => {
  const onCreated = (): void => {
    endReports();
    report({ kind: 'loaded' });
  };
  return run(args, { onCreated }, shell.stdout, shell.stderr, shell.showFailure);
});

/** Reads the configuration, for what it takes to do so, and gets ready to compile; loads no module of the application. */
async function rehearse(): Promise<void> {
  const importModule = async (file: string): Promise<never> => {
    await prepareForConfigModule(file);
    throw new Error('Not before its turn');
  };
  await prepareTypeScript(await loadConfig({ ...args, collectProblems: true, importModule }));
}
