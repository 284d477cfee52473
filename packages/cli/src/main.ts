/** The `asphalt` command: reads the command line and hands over to the commands. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { Output } from './output.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const stdout = new Output(process.stdout);
const stderr = new Output(process.stderr);

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
  .showHelpAfterError('Run `asphalt --help` to see how it is used.');

const runCommand = program
  .command('run')
  .description('Check an application, start it and run it until it is told to stop.')
  .argument('[files...]', 'configuration files, YAML or JSON; a later one wins')
  .option('--set <path=value>', 'set one value, over all files; can be repeated', collect)
  .option('-s, --service <name>', 'the service to run, of those in the configuration (or ASPHALT_SERVICE)')
  .showHelpAfterError('Run `asphalt run --help` to see how it is used.')
  .addHelpText(
    'after',
    `
Examples:
  asphalt run asphalt.yaml
  asphalt run asphalt.yaml staging.yaml --set component.components.web.port=8080
  asphalt run --set component.type=./app.ts:App`,
  )
  .action(async (files: string[], { set = [], service }: { set?: string[]; service?: string }) => {
    if (files.length + set.length === 0) runCommand.error('nothing to run: name a configuration file');
    // Loaded when it is needed: help and version answer without it.
    const { run } = await import('./run.ts');
    const code = await run({ files, set, service }, stdout, stderr);
    await Promise.all([stdout.flush(), stderr.flush()]);
    // What the application left behind, such as a timer, must not keep the process.
    process.exit(code);
  });

function collect(value: string, values: readonly string[] = []): string[] {
  return [...values, value];
}

/** What is wrong in one line, with the suggestion beside it. */
function usageText(message: string): string {
  const text = message
    .replace(/^error: /, '')
    .replace(/^(option '.*') argument missing/, '$1 needs a value')
    .replace(/\n\(D(id you mean .*\?\))/, ' (d$1');
  return `${text[0]?.toUpperCase()}${text.slice(1).trimEnd()}\n`;
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
