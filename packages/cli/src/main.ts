/** The `asphalt` command: reads the command line and hands over to the commands. */
import { CommanderError } from 'commander';
import { ownManifest } from './package-files.ts';
import { createProgram } from './program.ts';
import { Shell } from './shell.ts';

const program = createProgram(new Shell(ownManifest().version));

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
