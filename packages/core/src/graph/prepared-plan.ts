/**
 * Creates the plan of a running application from the tables of a build, without resolving a need or searching a cycle. It
 * compares everything that the plan depends on, so that a difference is never overlooked.
 */
import type { ComponentNode } from './component-node.ts';
import { ComponentReader, pathOf, type ComponentPlace } from './component-reader.ts';
import { setReadyOrder } from './component-order.ts';
import type { DisabledComponent } from './disabled-components.ts';
import { plannedHealthCheck } from './option-references.ts';
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
    const { providers } = reader;
    const components: PlannedComponent[] = [];
    const steps: Step[] = [];
    const healthChecks: PlannedHealthCheck[] = [];
    for (const node of nodes) {
      const firstProvider = providers.length;
      const found = componentOf(node, reader, this.#placeOf(node, steps.length));
      if ('difference' in found) return found;
      components.push(found);
      this.#addSteps(found, providers.slice(firstProvider), steps);
      if (!addHealthChecks(node, healthChecks)) return changed(node);
    }
    const root = nodes[0]!;
    const plan = { root, components, disabled, steps, providers, healthChecks, providedByRuntime, problems: [] };
    setReadyOrder(plan, this.#tables.ready);
    return reader.end() ?? plan;
  }

  /** Returns the steps of a component. Dependents wait for `start`, or without it for the only provider or other step. */
  #placeOf({ index }: ComponentNode, firstStep: number): ComponentPlace {
    const { kinds, uses } = this.#tables;
    const next = kinds.indexOf(letters.construct, firstStep + 1);
    const end = (next < 0 ? kinds.length : next) - 1;
    const provide = kinds.indexOf(letters.provide, firstStep);
    const isLast = kinds[end] === letters.start || provide < 0 || provide > end;
    return { firstStep, lastStep: isLast ? end : provide, uses: uses[index]! };
  }

  /** Adds the steps of a component, and completes its providers. */
  #addSteps({ node, firstStep, lastStep }: PlannedComponent, providers: readonly Provider[], steps: Step[]): void {
    const { kinds, needs } = this.#tables;
    const called = providers.filter(({ declaration }) => declaration.member !== undefined);
    let nextProvider = 0;
    let index = firstStep;
    do {
      const kind = kindsByLetter[kinds[index]!]!;
      const provider = kind === 'provide' ? called[nextProvider++]! : undefined;
      if (provider) provider.step = index;
      steps.push({ index, kind, node, provider, needs: needs[index]! });
      index++;
    } while (index < kinds.length && kinds[index] !== letters.construct);
    for (const provider of providers) if (provider.declaration.member === undefined) provider.step = lastStep;
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

function componentOf(
  node: ComponentNode,
  reader: ComponentReader,
  place: ComponentPlace,
): PlannedComponent | PlanDifference {
  try {
    return reader.read(node, place);
  } catch {
    // A lazy identifier failed. The planner reports its error.
    return changed(node);
  }
}

/** Returns whether the options of all health checks can be read. The planner reports one that cannot. */
function addHealthChecks(node: ComponentNode, healthChecks: PlannedHealthCheck[]): boolean {
  for (const declaration of node.declarations.healthChecks) {
    const check = plannedHealthCheck(declaration, node);
    if (!check) return false;
    healthChecks.push(check);
  }
  return true;
}

function changed(node: ComponentNode): PlanDifference {
  return { difference: `the declarations of ${pathOf(node)} changed after the build` };
}

const kindsByLetter: Readonly<Record<string, StepKind>> = Object.fromEntries(
  Object.entries(letters).map(([kind, letter]) => [letter, kind as StepKind]),
);
