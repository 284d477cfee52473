/** The `asphalt` command: reads the command line and hands over to the commands. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addApplicationCommands } from './application-commands.ts';
import { addConfigCommand } from './config/command.ts';
import { addProjectCommands } from './project-commands.ts';
import { Shell } from './shell.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const shell = new Shell(version);
const { stdout, stderr } = shell;

const program = new Command('asphalt')
  .description('Runs applications that are composed of components.')
  .version(version, '-V, --version', 'show the version')
  .helpOption('-h, --help', 'show this help')
  .helpCommand('help [command]', 'show the help of a command')
  .exitOverride()
  .configureOutput({
    writeOut: (text) => stdout.write(text),
    writeErr: (text) => stderr.write(text),
    outputError: (message, write) => write(usageText(message)),
  })
  .configureHelp({ subcommandTerm: (command) => command.name() })
  .showHelpAfterError('Run `asphalt --help` to see how it is used.');

addApplicationCommands(program, shell);
addProjectCommands(program, shell);
addConfigCommand(program, {
  write: (text) => stdout.write(text),
  fail: async (error) => void (await shell.showFailure(error)),
  exit: (code) => process.exit(code),
});

/** What is wrong in one line, with the suggestion beside it. */
function usageText(message: string): string {
  const text = message
    .replace(/^error: /, '')
    .replace(/^(option '.*') argument missing/, '$1 needs a value')
    .replace(/^(option '.*') argument '(.*)' is invalid\. Allowed choices are (.*)\./s, '$1 takes one of $3, got "$2"')
    .replace(/^(option '.*') argument '(.*)' is invalid\. (.*)/s, '$1 does not take "$2": $3')
    .replace(/\n\(D(id you mean .*\?\))/, ' (d$1');
  return `${text[0]?.toUpperCase()}${text.slice(1).trimEnd()}\n`;
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
