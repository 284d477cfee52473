/** The `asphalt` command: reads the command line and hands over to the commands. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import type { CheckFormat } from './check.ts';
import { addConfigCommand } from './config/command.ts';
import type { GraphFormat } from './graph.ts';
import { Output } from './output.ts';
import type { ApplicationArguments } from './plan.ts';
import type { TimelineOptions } from './timeline/command.ts';

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

/** A command that concerns the application which configuration files and settings name. */
function applicationCommand(name: string, description: string, examples: readonly string[]): Command {
  return program
    .command(name)
    .description(description)
    .argument('[files...]', 'configuration files, YAML or JSON; a later one wins')
    .option('--set <path=value>', 'set one value, over all files; can be repeated', collect)
    .option('-s, --service <name>', 'the service to run, of those in the configuration (or ASPHALT_SERVICE)')
    .showHelpAfterError(`Run \`asphalt ${name} --help\` to see how it is used.`)
    .addHelpText('after', ['', 'Examples:', ...examples.map((example) => `  asphalt ${name} ${example}`)].join('\n'));
}

/** Carries out a command. Its module is loaded only now: help and version answer without it. */
function perform<O>(command: Command, action: (args: ApplicationArguments, options: O) => Promise<number>): void {
  command.action(async (files: string[], { set = [], service, ...options }: Partial<ApplicationArguments> & O) => {
    const isSetOutside = Object.keys(process.env).some((variable) => variable.startsWith('ASPHALT_SET_'));
    if (files.length + set.length === 0 && !isSetOutside)
      command.error(`nothing to ${command.name()}: name a configuration file`);
    const code = await action({ files, set, service }, options as O).catch((error: unknown) => showFailure(error));
    await Promise.all([stdout.flush(), stderr.flush()]);
    // What the application left behind, such as a timer, must not keep the process.
    process.exit(code);
  });
}

/** @returns the exit code of a failure */
async function showFailure(error: unknown): Promise<number> {
  const { failureText } = await import('./failure.ts');
  const margin = stderr.isTerminal ? '\n' : '';
  stderr.write(`${margin}${failureText(error, stderr.paint)}\n${margin}`);
  return 1;
}

perform(
  applicationCommand('run', 'Check an application, start it and run it until it is told to stop.', [
    'asphalt.yaml',
    'asphalt.yaml staging.yaml --set component.components.web.port=8080',
    '--set component.type=./app.ts:App',
  ]),
  async (args) => (await import('./run.ts')).run(args, stdout, stderr, showFailure),
);

perform<{ format: CheckFormat }>(
  applicationCommand('check', 'Tell everything that keeps an application from starting, without starting it.', [
    'asphalt.yaml',
    'asphalt.yaml --format sarif > asphalt.sarif',
  ]).addOption(formatOption(['text', 'json', 'sarif'])),
  async (args, { format }) => (await import('./check.ts')).check(args, format, version, stdout),
);

perform<{ format: GraphFormat }>(
  applicationCommand('graph', 'Draw the components of an application and what they need of each other.', [
    'asphalt.yaml',
    'asphalt.yaml --format svg > graph.svg',
  ]).addOption(formatOption(['tree', 'mermaid', 'dot', 'svg', 'json'])),
  async (args, { format }) => (await import('./graph.ts')).graph(args, format, stdout),
);

perform<TimelineOptions>(
  applicationCommand('timeline', 'Start an application, stop it, and tell what its start took the time for.', [
    'asphalt.yaml',
    'asphalt.yaml --format svg --output start.svg',
    'asphalt.yaml --format trace --output start.json',
  ])
    .addOption(formatOption(['text', 'json', 'svg', 'trace']))
    .option('-o, --output <file>', 'the file to write, instead of standard output'),
  async (args, options) => (await import('./timeline/command.ts')).timeline(args, options, stdout, stderr, showFailure),
);

addConfigCommand(program, {
  write: (text) => stdout.write(text),
  fail: async (error) => void (await showFailure(error)),
  exit: (code) => process.exit(code),
});

function formatOption(formats: readonly [string, ...string[]]): Option {
  return new Option('-f, --format <format>', 'how to write it').choices(formats).default(formats[0]);
}

function collect(value: string, values: readonly string[] = []): string[] {
  return [...values, value];
}

/** What is wrong in one line, with the suggestion beside it. */
function usageText(message: string): string {
  const text = message
    .replace(/^error: /, '')
    .replace(/^(option '.*') argument missing/, '$1 needs a value')
    .replace(/^(option '.*') argument '(.*)' is invalid\. Allowed choices are (.*)\./s, '$1 takes one of $3, got "$2"')
    .replace(/\n\(D(id you mean .*\?\))/, ' (d$1');
  return `${text[0]?.toUpperCase()}${text.slice(1).trimEnd()}\n`;
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
