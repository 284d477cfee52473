/** Creates a plan from a root component and a configuration, and starts an application from it. */
import type { ComponentClass } from '../component/component-options.ts';
import type { AsphaltError } from '../errors/asphalt-error.ts';
import { ConfigError, problemSentence } from '../config/errors.ts';
import { LoadedConfig } from '../config/loaded-config.ts';
import type { PlainObject } from '../config/merge.ts';
import { buildPlan } from '../graph/build-plan.ts';
import { buildTree, type Tree } from '../graph/build-tree.ts';
import type { PreparedPlan } from '../graph/prepared-plan.ts';
import { replaceProviders } from '../graph/replace-providers.ts';
import type { Plan } from '../graph/plan.ts';
import { logLevelProblems } from '../graph/log-level-problems.ts';
import { PlanError } from '../graph/errors.ts';
import type { Logger } from '../component/logger.ts';
import { Application } from './application.ts';
import type { ApplicationOptions } from './runtime.ts';

/** The identifiers that the runtime provides. */
const providedByRuntime: Plan['providedByRuntime'] = [Application];

export interface PlanOptions {
  /** Options of the root component, with those of its children under `components`; or a loaded configuration. */
  readonly config?: PlainObject | LoadedConfig;
  /** Receives a warning for each deprecated option, and for each text such as `${PORT}` that is taken literally. */
  readonly logger?: Logger | undefined;
  /**
   * For tests: a component whose `@provides` take the place of those of other components with the same keys. Components
   * that published only these keys, or only what replaced providers needed, are left out.
   */
  readonly replacements?: ComponentClass | undefined;
  /** The plan of a build. If the components differ from it, they are planned again, and the logger receives the reason. */
  readonly prepared?: PreparedPlan | undefined;
}

/**
 * Creates the plan of an application and checks it, without running any component.
 *
 * @param root - root component; `undefined` if the loaded configuration names it
 * @returns the plan; its `problems` list all problems found
 * @throws {@link PlanError} when the root component itself cannot be found
 */
export async function planApplication(root: ComponentClass | undefined, options: PlanOptions = {}): Promise<Plan> {
  const { config = {} } = options;
  const loaded = config instanceof LoadedConfig ? config : LoadedConfig.fromObject(config);
  const tree = await buildTree(root, loaded);
  for (const warning of loaded.warnings) options.logger?.warn(problemSentence(warning));
  const all: AsphaltError[] = loaded.problems.map((problem) => new ConfigError([problem]));
  if (tree.nodes.length === 0) throw new PlanError([...all, ...tree.problems]);
  const { nodes, problems } = withReplacements(tree, options.replacements);
  all.push(...problems);
  // A tree with problems may lack components, whose log levels would then be reported as unknown.
  if (problems.length === 0) all.push(...logLevelProblems(loaded, [...tree.nodes, ...tree.disabled]));
  const { disabled } = tree;
  if (options.prepared && all.length === 0) {
    const found = options.prepared.planFor({ nodes, disabled, providedByRuntime });
    if (!('difference' in found)) return found;
    options.logger?.info(`Planning at startup: ${found.difference}`);
  }
  return buildPlan(nodes, all, providedByRuntime, disabled);
}

/** Returns the tree with a component that replaces providers, and the problems of the components that remain. */
function withReplacements(tree: Tree, replacements: ComponentClass | undefined): Pick<Tree, 'nodes' | 'problems'> {
  if (!replacements) return tree;
  const { nodes, leftOut } = replaceProviders(tree.nodes, replacements);
  return { nodes, problems: tree.problems.filter((problem) => !leftOut.has(tree.owners.get(problem) ?? '')) };
}

/**
 * Checks an application and starts it; resolves when all its components are ready.
 *
 * @throws {@link PlanError} with all problems of the application, before anything runs
 * @throws {@link ComponentStartError} when a component fails, after everything that had started was torn down
 */
export async function startApplication(
  root: ComponentClass | undefined,
  options: PlanOptions & ApplicationOptions = {},
): Promise<Application> {
  const application = new Application(await planApplication(root, options), options);
  await application.start();
  return application;
}
