/** From a class and a configuration to a plan, and from a plan to a running application. */
import type { ComponentClass } from '../component/component-class.ts';
import type { AsphaltError } from '../errors/asphalt-error.ts';
import { ConfigError, problemSentence } from '../config/errors.ts';
import { LoadedConfig } from '../config/loaded-config.ts';
import type { PlainObject } from '../config/merge.ts';
import { buildPlan } from '../graph/build-plan.ts';
import { buildTree } from '../graph/build-tree.ts';
import type { Plan } from '../graph/plan.ts';
import { logLevelProblems } from '../graph/log-level-problems.ts';
import { PlanError } from '../graph/problems.ts';
import type { Logger } from '../component/logger.ts';
import { Application, type ApplicationOptions } from './application.ts';

export interface PlanOptions {
  /** The options of the root component, with those of its children under `components`; or a loaded configuration. */
  readonly config?: PlainObject | LoadedConfig;
  /** Is told of deprecated options that are given. */
  readonly logger?: Logger | undefined;
}

/**
 * Makes the plan of an application and checks it, without running any of it.
 *
 * @param root - the root component; undefined where the loaded configuration names it
 * @returns the plan, with everything that is wrong as its `problems`
 * @throws {@link PlanError} when the root component itself cannot be found
 */
export async function planApplication(root: ComponentClass | undefined, options: PlanOptions = {}): Promise<Plan> {
  const { config = {} } = options;
  const loaded = config instanceof LoadedConfig ? config : LoadedConfig.fromObject(config);
  const { nodes, problems } = await buildTree(root, loaded);
  for (const warning of loaded.warnings) options.logger?.warn(problemSentence(warning));
  const all: AsphaltError[] = [...loaded.problems.map((problem) => new ConfigError([problem])), ...problems];
  if (nodes.length === 0) throw new PlanError(all);
  // Where something is wrong already, components and settings may be missing.
  if (all.length === 0) all.push(...logLevelProblems(loaded, nodes));
  return buildPlan(nodes, all);
}

/**
 * Checks an application and starts it; resolves when all its components are ready.
 *
 * @throws {@link PlanError} before anything runs, with everything that is wrong with the application
 * @throws {@link ComponentStartError} when a component fails; what had been started is torn down by then
 */
export async function startApplication(
  root: ComponentClass | undefined,
  options: PlanOptions & ApplicationOptions = {},
): Promise<Application> {
  const application = new Application(await planApplication(root, options), options);
  await application.start();
  return application;
}
