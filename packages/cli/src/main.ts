/** The `asphalt` command: reads the command line and hands over to the commands. */
import { CommanderError } from 'commander';
import { createProgram } from './program.ts';
import { Shell } from './shell.ts';

const program = createProgram(new Shell());

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
