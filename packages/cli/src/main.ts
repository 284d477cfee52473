/**
 * The `asphalt` command: hands the command line over to whoever carries it out. In the most ordinary one, `asphalt run`
 * with files and nothing else, there is nothing to be understood: it does without the library that reads all others.
 */
import { Shell } from './terminal/shell.ts';

/** @param args - the words behind `asphalt` */
export async function main(args: readonly string[]): Promise<void> {
  const shell = new Shell();
  const [command, ...files] = args;
  if (command === 'run' && files.length > 0 && !files.some((file) => file.startsWith('-'))) {
    const { stdout, stderr, showFailure } = shell;
    await shell.perform(async () => {
      const { run } = await import('./run/run.ts');
      return run({ files, set: [], service: undefined }, {}, stdout, stderr, showFailure);
    });
    return;
  }
  const { perform } = await import('./program/program.ts');
  await perform(args, shell);
}
