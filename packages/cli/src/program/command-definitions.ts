/** Helpers for the command definitions: options, examples and the usage error of a command without sources. */
import { Option, type Command } from 'commander';

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

/** Collects the values of a repeatable option. */
export function collect(value: string, values: readonly string[] = []): string[] {
  return [...values, value];
}

/** Ends the command with a usage error if neither files, `--set` nor `ASPHALT_SET_*` variables specify a configuration. */
export function requireSources(command: Command, files: readonly string[], set: readonly string[]): void {
  const isSetByEnvironment = Object.keys(process.env).some((variable) => variable.startsWith('ASPHALT_SET_'));
  if (files.length + set.length === 0 && !isSetByEnvironment)
    command.error(`nothing to ${command.name()}: name a configuration file`);
}
