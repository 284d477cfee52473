/** Runs the `config` commands and reports the problems that they find. */
import { ConfigError, PlanError, type AsphaltError } from '@asphalt/core';

/** The output of a command. */
export interface Terminal {
  /** Writes to standard output. */
  readonly write: (text: string) => void;
  /** Reports a failure on standard error. */
  readonly fail: (error: unknown) => void | Promise<void>;
}

/** Runs a command and reports its problems. @returns the exit code: 1 if it failed or found problems */
export async function attempt(terminal: Terminal, command: () => Promise<readonly AsphaltError[]>): Promise<number> {
  try {
    const problems = await command();
    const [only, ...others] = problems;
    if (only === undefined) return 0;
    await terminal.fail(others.length === 0 ? only : new PlanError(problems));
  } catch (error) {
    await terminal.fail(error);
  }
  return 1;
}

/** Excludes problems with values, because listing the options does not require valid values. */
export function problemsOfTypes(problems: readonly AsphaltError[]): readonly AsphaltError[] {
  return problems.filter((problem) => !(problem instanceof ConfigError));
}
