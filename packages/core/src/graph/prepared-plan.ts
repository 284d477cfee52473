/**
 * Creates the plan of a running application from the tables of a build, without resolving a need or searching a cycle. It
 * compares everything that the plan depends on, so that a difference is never overlooked.
 */
import { ComponentNode } from './component-node.ts';
import { ComponentReader, pathOf, type ReadComponent } from './component-reader.ts';
import { setReadyOrder } from './component-order.ts';
import type { DisabledComponent } from './disabled-components.ts';
import { plannedHealthCheck } from './health-checks.ts';
import { letters, type PlanDifference, type PlanTables } from './plan-tables.ts';
import type { Plan, PlannedComponent, PlannedHealthCheck, Provider, Step, StepKind } from './plan.ts';

/** The components of an application without problems. */
export interface PlannedTree {
  readonly nodes: readonly ComponentNode[];
  readonly disabled: readonly DisabledComponent[];
  readonly providedByRuntime: Plan['providedByRuntime'];
}

export class PreparedPlan {
  readonly #tables: PlanTables;

  constructor(tables: PlanTables) {
    this.#tables = tables;
  }

  /** Returns the plan of a component tree, or a difference between the tree and that of the build. */
  planFor(tree: PlannedTree): Plan | PlanDifference {
    return differenceOfPaths(tree, this.#tables.paths) ?? this.#planOf(tree);
  }

  #planOf({ nodes, disabled, providedByRuntime }: PlannedTree): Plan | PlanDifference {
    const reader = new ComponentReader(this.#tables, providedByRuntime);
    const read: ReadComponent[] = [];
    const healthChecks: PlannedHealthCheck[] = [];
    for (const node of nodes) {
      const found = componentOf(node, reader, healthChecks);
      if ('difference' in found) return found;
      read.push(found);
    }
    const { providers } = reader;
    const { steps, components } = withSteps(this.#tables, read, providers);
    const root = nodes[0]!;
    const plan = { root, components, disabled, steps, providers, healthChecks, providedByRuntime, problems: [] };
    setReadyOrder(plan, this.#tables.ready);
    return reader.end() ?? plan;
  }
}

/** Returns a difference in the components or their order. */
function differenceOfPaths({ nodes, disabled }: PlannedTree, paths: readonly string[]): PlanDifference | undefined {
  const at = nodes.findIndex(({ path }, index) => path !== paths[index]);
  if (at < 0 && nodes.length === paths.length) return undefined;
  const known = new Set(paths);
  const added = nodes.find(({ path }) => !known.has(path));
  if (added) return { difference: `${pathOf(added)} was added after the build` };
  const present = new Set(nodes.map(({ path }) => path));
  const removed = paths.find((path) => !present.has(path));
  if (removed === undefined) return { difference: 'components were reordered after the build' };
  const how = disabled.some(({ path }) => path === removed) ? 'disabled' : 'removed';
  return { difference: `component.components.${removed.replaceAll('.', '.components.')} was ${how} after the build` };
}

/** Reads a component and adds its health checks. */
function componentOf(
  node: ComponentNode,
  reader: ComponentReader,
  healthChecks: PlannedHealthCheck[],
): ReadComponent | PlanDifference {
  let found: ReadComponent | PlanDifference | undefined;
  try {
    found = reader.read(node);
  } catch {
    // A lazy identifier failed. The planner reports its error.
  }
  for (const declaration of node.declarations.healthChecks) {
    const check = plannedHealthCheck(declaration, node);
    // The planner reports an option that cannot be read.
    if (check) healthChecks.push(check);
    else found = undefined;
  }
  return found ?? { difference: `the declarations of ${pathOf(node)} changed after the build` };
}

const kindsByLetter: Readonly<Record<string, StepKind>> = Object.fromEntries(
  Object.entries(letters).map(([kind, letter]) => [letter, kind as StepKind]),
);

/** Creates the steps, and completes the components and the providers with them. */
function withSteps(
  { kinds, needs, uses }: PlanTables,
  read: readonly ReadComponent[],
  providers: readonly Provider[],
): Pick<Plan, 'steps' | 'components'> {
  const steps: Step[] = [];
  const components: PlannedComponent[] = [];
  let nextProvider = 0;
  for (const component of read) {
    const { node } = component;
    const { length } = node.declarations.providers;
    const own = providers.slice(nextProvider, (nextProvider += length));
    const called = own.filter(({ declaration }) => declaration.member !== undefined);
    const firstStep = steps.length;
    let lastStep = firstStep;
    let nextCalled = 0;
    do {
      const index = steps.length;
      const kind = kindsByLetter[kinds[index]!]!;
      const provider = kind === 'provide' ? called[nextCalled++] : undefined;
      if (provider) provider.step = index;
      // Dependents wait for `start`, or without it for the only provider, `prepare` or the constructor.
      if (kind !== 'provide' || nextCalled === 1) lastStep = index;
      steps.push({ index, kind, node, provider, needs: needs[index]! });
    } while (steps.length < kinds.length && kinds[steps.length] !== letters.construct);
    for (const provider of own) if (provider.declaration.member === undefined) provider.step = lastStep;
    components.push({ ...component, firstStep, lastStep, uses: uses[node.index]! });
  }
  return { steps, components };
}
