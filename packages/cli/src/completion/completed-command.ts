/** The parts of a command that a completion script contains. */
export interface CompletedCommand {
  /** The words that lead to it, such as `config show`; empty for the program itself. */
  readonly path: string;
  readonly commands: ReadonlyArray<{ readonly name: string; readonly description: string }>;
  readonly options: readonly CompletedOption[];
  /** The values of its argument, if that is not a file. */
  readonly choices: readonly string[];
}

export interface CompletedOption {
  /** Such as `-f` and `--format`. */
  readonly names: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

/** Quotes a text with single quotes, which all three shells understand. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
