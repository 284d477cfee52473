/** What a shell has to know of one command. */
export interface CompletedCommand {
  /** The words that lead to it, such as `config show`; empty for the program itself. */
  readonly path: string;
  readonly commands: ReadonlyArray<{ readonly name: string; readonly description: string }>;
  readonly options: readonly CompletedOption[];
  /** What its argument may be, where that is no file. */
  readonly choices: readonly string[];
}

export interface CompletedOption {
  /** Such as `-f` and `--format`. */
  readonly names: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

/** The words in single quotes, for any of the shells. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
