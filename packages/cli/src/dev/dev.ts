/**
 * `asphalt dev`: runs an application and starts it anew when a file changes that it consists of: its modules, wherever
 * they lie, its configuration, and what decides how it is compiled. What fails is shown, and the next change awaited.
 */
import { dirname, join, resolve } from 'node:path';
import { standsBy, type ApplicationProcess } from './application-process.ts';
import { NextProcess } from './next-process.ts';
import { WatchedFiles } from './watched-files.ts';
import type { Output } from '../terminal/output.ts';
import { shortPath } from '../terminal/place-text.ts';
import type { ApplicationArguments } from '../load/plan.ts';

/** @returns the exit code: that of the application where it was running when this was told to end */
export async function dev(args: ApplicationArguments, stdout: Output): Promise<number> {
  const files = new WatchedFiles();
  const next = new NextProcess(args, (file) => files.add(file));
  let running: ApplicationProcess | undefined;
  stdout.limitFlush();
  const told = toldToEnd(stdout, (signal) => running?.signal(signal));
  for (const file of surroundings(args.files)) files.add(file);
  if (!standsBy) say(stdout, 'Changes of modules are not noticed on this runtime: use Node for that');
  try {
    for (let changes: string[] = []; ;) {
      files.begin();
      const application = (running = next.start(changes));
      const changed = files.changed();
      const first = await Promise.race([told, changed, application.ended]);
      if (first === 'told') return await application.ended;
      if (typeof first === 'number') {
        running = undefined;
        say(stdout, `Ended with code ${first}; waiting for a change`);
        if ((await Promise.race([told, changed])) === 'told') return 0;
      }
      changes = await changed;
      say(stdout, `Changed: ${changes.map(shortPath).join(', ')}`);
      if (running && (await running.stop())) say(stdout, 'It did not stop in time and was killed');
    }
  } finally {
    next.end();
    await files.close();
  }
}

/** Resolves at the first signal, or when nobody reads any more. */
function toldToEnd(stdout: Output, onSignal: (signal: NodeJS.Signals) => void): Promise<'told'> {
  return new Promise((tell) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        onSignal(signal);
        tell('told');
      });
    }
    void stdout.closed.then(() => tell('told'));
  });
}

/** The configuration, and what says how modules beside it are compiled. */
function surroundings(files: readonly string[]): Set<string> {
  const paths = files.map((file) => resolve(file));
  const folders = [process.cwd(), ...paths.map((path) => dirname(path))];
  return new Set([
    ...paths,
    ...folders.flatMap((folder) => [join(folder, 'package.json'), join(folder, 'tsconfig.json')]),
  ]);
}

/** Stands out among the lines of the application. */
function say(stdout: Output, text: string): void {
  const width = stdout.isTerminal ? Math.min(process.stdout.columns, 100) : 0;
  stdout.write(`${stdout.paint('cyan', `── ${text} `.padEnd(width, '─').trimEnd())}\n`);
}
