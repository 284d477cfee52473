/** What commands have in common: where they write, how they tell of a failure, and how the process ends. */
import { Option, type Command } from 'commander';
import { Output } from './output.ts';
import { ownManifest } from './package-files.ts';

export class Shell {
  readonly stdout = new Output(process.stdout);
  readonly stderr = new Output(process.stderr);

  constructor(readonly version = ownManifest().version) {}

  /** Carries out a command, whose exit code it gives, and ends the process. */
  async perform(action: () => Promise<number>): Promise<void> {
    const code = await action().catch((error: unknown) => this.showFailure(error));
    await Promise.all([this.stdout.flush(), this.stderr.flush()]);
    // What the application left behind, such as a timer, must not keep the process.
    process.exit(code);
  }

  /** @returns the exit code of a failure */
  readonly showFailure = async (error: unknown): Promise<number> => {
    const { failureText } = await import('./failure.ts');
    const margin = this.stderr.isTerminal ? '\n' : '';
    this.stderr.write(`${margin}${failureText(error, this.stderr.paint)}\n${margin}`);
    return 1;
  };
}

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
