/** The `asphalt` command: reads the command line and hands over to the commands. */
import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { createProgram } from './program.ts';
import { Shell } from './shell.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const program = createProgram(new Shell(version));

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
