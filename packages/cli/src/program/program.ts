/**
 * Defines the program with all commands, their arguments, options and help, and formats usage errors. A command's module
 * is loaded only when the command runs.
 */
import { Command, CommanderError } from 'commander';
import { addApplicationCommands } from './application-commands.ts';
import { addConfigCommand } from './config-command.ts';
import { addDbCommand } from './db-command.ts';
import { addQueuesCommand } from './queues-command.ts';
import { ownManifest } from '../terminal/package-files.ts';
import { addProjectCommands } from './project-commands.ts';
import { withShellOutput } from './shell-output.ts';
import type { Shell } from '../terminal/shell.ts';

/** Runs the command of a command line. Reports usage errors on standard error, with exit code 2. */
export async function perform(args: readonly string[], shell: Shell): Promise<void> {
  try {
    await createProgram(shell).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  }
}

export function createProgram(shell: Shell): Command {
  const program = withShellOutput(new Command('asphalt'), shell)
    .description('Run applications made of components.')
    .version(ownManifest().version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .showHelpAfterError('Run `asphalt --help` for usage.');

  addApplicationCommands(program, shell);
  addProjectCommands(program, shell);
  addConfigCommand(program, shell);
  addDbCommand(program, shell);
  addQueuesCommand(program, shell);
  return program;
}
