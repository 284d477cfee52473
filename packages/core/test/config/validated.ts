/** Validates and describes options through a root component that declares them. */
import {
  Component,
  component,
  ConfigError,
  startApplication,
  type ComponentClass,
  type ConfigSchema,
} from '@asphalt/core';
import type { ConfigProblem, LoadedConfig } from '@asphalt/core/config';
import { describeConfig, planApplication, type ConfigDescription, type OptionDescription } from '@asphalt/core/inspect';

/** The options of a component and the problems of its section. Contains no options if problems exist. */
export interface Validated<T> {
  readonly value: T;
  readonly problems: readonly ConfigProblem[];
}

/** Returns the options that a root component with this schema receives from a configuration, or their problems. */
export async function validated<T extends object>(
  schema: ConfigSchema<T>,
  config: LoadedConfig,
): Promise<Validated<T>> {
  let value: unknown;
  @component({ config: schema })
  class Subject extends Component<ConfigSchema<T>> {
    override start(): void {
      value = this.config;
    }
  }
  const problems = await problemsIn(Subject, config);
  if (problems.length > 0) return { value: undefined as never, problems };
  await (await startApplication(Subject, { config })).stop();
  return { value: value as T, problems };
}

/** Returns the problems of the options of an application. */
async function problemsIn(root: ComponentClass, config: LoadedConfig): Promise<readonly ConfigProblem[]> {
  const { problems } = await planApplication(root, { config });
  return problems.flatMap((problem) => (problem instanceof ConfigError ? problem.problems : []));
}

/** Returns whether a root component with this schema accepts a configuration. */
export async function isAccepted(schema: ConfigSchema, config: LoadedConfig): Promise<boolean> {
  @component({ config: schema })
  class Subject extends Component<typeof schema> {}
  return (await problemsIn(Subject, config)).length === 0;
}

/** Returns the description of a configuration for a root component with this schema. */
export async function described(schema: ConfigSchema, config: LoadedConfig): Promise<ConfigDescription> {
  @component({ config: schema })
  class Subject extends Component<typeof schema> {}
  return describeConfig(Subject, { config });
}

/** Returns the descriptions of the options of the root component. */
export function rootOptionsOf(description: ConfigDescription): readonly OptionDescription[] {
  return description.components[0]!.options;
}
