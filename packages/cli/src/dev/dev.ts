/**
 * `asphalt dev`: runs an application and restarts it when one of its files changes. These are its modules in any folder,
 * its configuration, and the files that decide how it is compiled. After a failure, it waits for the next change.
 */
import { dirname, join, resolve } from 'node:path';
import { canStandBy, type ApplicationProcess } from './application-process.ts';
import { NextProcess } from './next-process.ts';
import { WatchedFiles } from './watched-files.ts';
import type { Output } from '../terminal/output.ts';
import { shortPath } from '../terminal/place-text.ts';
import { printable } from '../terminal/printable.ts';
import type { ApplicationArguments } from '../load/application-config.ts';

/** Runs until a signal. @returns the exit code of the application that runs at this moment, otherwise 0 */
export async function dev(args: ApplicationArguments, stdout: Output): Promise<number> {
  const files = new WatchedFiles();
  const next = new NextProcess(args, (file) => files.add(file));
  let running: ApplicationProcess | undefined;
  stdout.limitFlush();
  const end = endRequested(stdout, (signal) => running?.signal(signal));
  for (const file of watchedFromStart(args)) files.add(file);
  if (!canStandBy) printStatus(stdout, 'This runtime does not report changes of modules: use Node to restart on them');
  try {
    for (let changes: string[] = []; ;) {
      files.markStart();
      const application = (running = next.start(changes));
      const changed = files.changed();
      const first = await Promise.race([end, changed, application.ended]);
      if (first === 'end') return await application.ended;
      if (typeof first === 'number') {
        running = undefined;
        printStatus(stdout, `Ended with code ${first}; waiting for a change`);
        if ((await Promise.race([end, changed])) === 'end') return 0;
      }
      changes = await changed;
      printStatus(stdout, `Changed: ${changes.map(shortPath).join(', ')}`);
      if (running && (await running.stop())) printStatus(stdout, 'The application did not stop in time and was killed');
    }
  } finally {
    next.end();
    await files.close();
  }
}

/** Resolves at the first signal, or when the reader of the output closes it. */
function endRequested(stdout: Output, onSignal: (signal: NodeJS.Signals) => void): Promise<'end'> {
  return new Promise((settle) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        onSignal(signal);
        settle('end');
      });
    }
    void stdout.closed.then(() => settle('end'));
  });
}

/** The configuration, its files of variables, and the files that decide how modules next to it are compiled. */
function watchedFromStart({ files, envFiles }: ApplicationArguments): Set<string> {
  const paths = files.map((file) => resolve(file));
  const folders = [process.cwd(), ...paths.map((path) => dirname(path))];
  return new Set([
    ...paths,
    ...envFiles.map((file) => resolve(file)),
    ...folders.flatMap((folder) => [join(folder, 'package.json'), join(folder, 'tsconfig.json')]),
  ]);
}

/** Prints a line that differs visibly from the lines of the application. */
function printStatus(stdout: Output, text: string): void {
  const width = stdout.isTerminal ? Math.min(process.stdout.columns, 100) : 0;
  stdout.write(`${stdout.paint('cyan', `── ${printable(text)} `.padEnd(width, '─').trimEnd())}\n`);
}
