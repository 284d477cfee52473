/**
 * The `asphalt` command: passes the command line to the program. The most common one, `asphalt run` with files and
 * nothing else, needs no parsing, so it runs without loading the library that parses all others.
 */
import { Shell } from './terminal/shell.ts';

/** @param args - the words after `asphalt` */
export async function main(args: readonly string[]): Promise<void> {
  const shell = new Shell();
  const [command, ...files] = args;
  if (command === 'run' && files.length > 0 && !files.some((file) => file.startsWith('-'))) {
    await shell.perform(async () => {
      const { run } = await import('./run/run.ts');
      return run({ files, set: [], envFiles: [], service: undefined, shell });
    });
    return;
  }
  const { perform } = await import('./program/program.ts');
  await perform(args, shell);
}
