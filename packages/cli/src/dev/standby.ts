/**
 * The process of an application under `asphalt dev`. While its predecessor runs, it loads packages in advance and waits.
 * On the start message, it runs the application like `asphalt run` and reports its files. It stops when its parent ends.
 */
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { setEnvironmentData } from 'node:worker_threads';
import { loadConfig } from '@asphalt/core/config';
import { prepareForConfigModule } from '../load/module.ts';
import type { ApplicationArguments } from '../load/application-config.ts';
import { Shell } from '../terminal/shell.ts';
import { prepareTypeScript } from '../load/typescript.ts';
import { reportReads } from './file-reads.ts';
import { developmentKey, reportModules } from './report-modules.ts';
import { report } from './reports.ts';

export interface StandbyArguments extends ApplicationArguments {
  /** The files of package modules that the predecessor imported. */
  readonly packages: readonly string[];
}

process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
const startMessage = once(process, 'message');
const { packages, ...args } = JSON.parse(process.argv[2]!) as StandbyArguments;
const shell = new Shell();

const { run } = await import('../run/run.ts');
const endReports = reportReads();
// Runs before the hooks are installed: these modules are known already. Ignores failures, because the application fails
// in the same way when it imports the module.
await Promise.allSettled(packages.map((file) => import(pathToFileURL(file).href)));
await loadConfigInAdvance().catch(() => undefined);
reportModules({ withPackages: true });
setEnvironmentData(developmentKey, true);

await startMessage;
process.channel?.unref();
await shell.perform(() => {
  const onCreated = (): void => {
    endReports();
    report({ kind: 'loaded' });
  };
  return run({ ...args, shell, onCreated });
});

/** Loads the configuration and the TypeScript compiler to have their code in memory. Loads no application modules. */
async function loadConfigInAdvance(): Promise<void> {
  const importModule = async (file: string): Promise<never> => {
    await prepareForConfigModule(file);
    throw new Error('Configuration modules are not loaded in advance');
  };
  await prepareTypeScript(await loadConfig({ ...args, collectProblems: true, importModule }));
}
