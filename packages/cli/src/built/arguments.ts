/** Parses the arguments of a built application, which are those of `asphalt run`. */
import { Command, CommanderError } from 'commander';
import { withSources, type SourceFlags } from '../program/command-definitions.ts';
import { withWatchOptions } from '../program/watch-options.ts';
import { withShellOutput } from '../program/shell-output.ts';
import type { WatchOptions } from '../run/watched-run.ts';
import type { Shell } from '../terminal/shell.ts';
import type { BuiltArguments } from './main.ts';

/** Returns the arguments; undefined after a usage error, with exit code 2, or after the help. */
export function parseArguments(args: readonly string[], shell: Shell): BuiltArguments | undefined {
  let parsed: BuiltArguments | undefined;
  const sources = withSources(withShellOutput(new Command('main.js'), shell));
  const command = withWatchOptions(sources, 'off')
    .description('Start this application and run it until it is stopped.')
    .helpOption('-h, --help', 'show this help')
    .showHelpAfterError('Run `node main.js --help` for usage.')
    .action((files: string[], flags: SourceFlags & WatchOptions) => {
      const { set = [], envFile = [], service, watchdog, failOnBlocking } = flags;
      parsed = { files, set, envFiles: envFile, service, watchdog, failOnBlocking };
    });
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  }
  return parsed;
}
