/** What the commands about configuration have in common. */
import { ConfigError, loadConfig, PlanError, type AsphaltError, type LoadedConfig } from '@asphalt/core';
import { prepareTypeScript } from '../load/typescript.ts';
import { importConfigModule } from '../load/module.ts';

/** What names a configuration on the command line. */
export interface ConfigArguments {
  readonly files: readonly string[];
  readonly set: readonly string[];
  readonly service: string | undefined;
  /** Whether the configuration may leave open what the root component is. @defaultValue false */
  readonly isPart?: boolean;
}

/** Where commands print. */
export interface Terminal {
  /** Writes to standard output. */
  readonly write: (text: string) => void;
  /** Tells of a failure, on standard error. */
  readonly fail: (error: unknown) => void | Promise<void>;
  /** Ends the process: a module that was loaded for its options may have left a timer. */
  readonly exit: (code: number) => Promise<void>;
}

export async function load({ files, set, service, isPart = false }: ConfigArguments): Promise<LoadedConfig> {
  const config = await loadConfig({
    files,
    set,
    service,
    requireRootType: !isPart,
    collectProblems: true,
    importModule: importConfigModule,
  });
  await prepareTypeScript(config);
  return config;
}

/** Runs a command; @returns the exit code: 1 where it failed or found problems. */
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

/** Without what is wrong with values: who asks which options there are need not have set them all. */
export function problemsOfTypes(problems: readonly AsphaltError[]): readonly AsphaltError[] {
  return problems.filter((problem) => !(problem instanceof ConfigError));
}
