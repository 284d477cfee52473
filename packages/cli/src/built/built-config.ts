import type { BundledType, PreparedSource } from '@asphalt/core/built';

/** The content of `config.json` in a built application. */
export interface BuiltConfig {
  /** The folder of the project, relative to the built one. */
  readonly project: string;
  readonly sources: readonly PreparedSource[];
  /** The `--set` values of the build. */
  readonly set: readonly string[];
  readonly types: readonly BundledType[];
  /** The folders of the runtime, relative to the built one. Stacks omit their frames. */
  readonly foreign: readonly string[];
  /** Whether `plan.json` contains the tables of the plan. */
  readonly hasPlan: boolean;
  /** The names of all files of the build, which the next build may replace. */
  readonly files: readonly string[];
}
