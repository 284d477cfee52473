/** What the definitions of commands have in common: options, examples, and who tells of a command without sources. */
import { Option, type Command } from 'commander';

/** Lets the help of a command end with examples, and its usage errors point to that help. */
export function withExamples(command: Command, ...examples: readonly string[]): Command {
  const names: string[] = [];
  for (let at: Command | null = command; at; at = at.parent) names.unshift(at.name());
  const path = names.join(' ');
  return command
    .showHelpAfterError(`Run \`${path} --help\` to see how it is used.`)
    .addHelpText('after', ['', 'Examples:', ...examples.map((example) => `  ${path} ${example}`.trimEnd())].join('\n'));
}

export function formatOption(...formats: readonly [string, ...string[]]): Option {
  return new Option('-f, --format <format>', 'how to write it').choices(formats).default(formats[0]);
}

/** For an option that can be given several times. */
export function collect(value: string, values: readonly string[] = []): string[] {
  return [...values, value];
}

/** Ends a command that was told of no configuration as one that is not used as it should be. */
export function requireSources(command: Command, files: readonly string[], set: readonly string[]): void {
  const isSetOutside = Object.keys(process.env).some((variable) => variable.startsWith('ASPHALT_SET_'));
  if (files.length + set.length === 0 && !isSetOutside)
    command.error(`nothing to ${command.name()}: name a configuration file`);
}
