/** Helpers for the command definitions: options, examples and the sources of a configuration. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ApplicationArguments } from '../load/application-config.ts';

/** Appends examples to the help of a command, and a hint at this help to its usage errors. */
export function withExamples(command: Command, ...examples: readonly string[]): Command {
  const names: string[] = [];
  for (let at: Command | null = command; at; at = at.parent) names.unshift(at.name());
  const path = names.join(' ');
  return command
    .showHelpAfterError(`Run \`${path} --help\` for usage.`)
    .addHelpText('after', ['', 'Examples:', ...examples.map((example) => `  ${path} ${example}`.trimEnd())].join('\n'));
}

export function formatOption(...formats: readonly [string, ...string[]]): Option {
  return new Option('-f, --format <format>', 'output format').choices(formats).default(formats[0]);
}

/** The options of a command that reads a configuration. */
export interface SourceFlags {
  readonly set?: readonly string[];
  readonly envFile?: readonly string[];
  readonly service?: string;
}

/** Adds the configuration files and options that specify a configuration. */
export function withSources(command: Command): Command {
  return withSourceOptions(command.argument('[files...]', 'configuration files; later files override earlier ones'));
}

export function withSourceOptions(command: Command): Command {
  return command
    .option('--set <path=value>', 'value that overrides the files; repeatable', collect)
    .option('--env-file <file>', 'file with environment variables, below those of the environment; repeatable', collect)
    .option('-s, --service <name>', 'service to run (default: $ASPHALT_SERVICE)');
}

/**
 * Returns the sources of a configuration. Ends the command with a usage error if neither files, `--set` nor
 * `ASPHALT_SET_*` variables specify one.
 *
 * @param verb - what the command does with it, for the error
 */
export function sourcesOf(
  command: Command,
  files: readonly string[],
  { set = [], envFile = [], service }: SourceFlags,
  verb = command.name(),
): ApplicationArguments {
  const isSetByEnvironment = Object.keys(process.env).some((variable) => variable.startsWith('ASPHALT_SET_'));
  // A file with variables may contain such a variable, too.
  if (files.length + set.length + envFile.length === 0 && !isSetByEnvironment)
    command.error(`nothing to ${verb}: name a configuration file`);
  return { files, set, envFiles: envFile, service };
}

/** Collects the values of a repeatable option. */
export function collect(value: string, values: readonly string[] = []): string[] {
  return [...values, value];
}

/** Parses a duration into milliseconds. */
export function duration(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(text) ?? [];
  const milliseconds = Number(amount) * (unit === 's' ? 1_000 : 1);
  if (milliseconds >= 10) return milliseconds;
  throw new InvalidArgumentError('Expected a duration of at least 10ms, such as 200ms or 1s.');
}
