/**
 * Creates the plan of a running application from the tables of a build, without resolving a need or searching a cycle. It
 * first compares everything that the plan depends on, so that a difference is never overlooked.
 */
import { defaultName, type Key } from '../context/key.ts';
import { formatPath } from '../config/path.ts';
import { ComponentNode } from './component-node.ts';
import { setReadyOrder } from './component-order.ts';
import type { DisabledComponent } from './disabled-components.ts';
import { plannedHealthCheck } from './health-checks.ts';
import { describeShape, ownIdentifier, type ShapeReceiver, type ShapeValue } from './plan-shape.ts';
import { stepKinds, type PlanTables } from './plan-tables.ts';
import type { Handler, Need, Plan, PlannedComponent, PlannedHealthCheck, Provider, Step } from './plan.ts';
import { wiringOf } from './wiring.ts';

/** The components of an application without problems. */
export interface PlannedTree {
  readonly nodes: readonly ComponentNode[];
  readonly disabled: readonly DisabledComponent[];
  readonly providedByRuntime: Plan['providedByRuntime'];
}

/** Why the tables do not fit: a sentence about the configuration or the code. */
export interface PlanDifference {
  readonly difference: string;
}

export class PreparedPlan {
  readonly #tables: PlanTables;

  constructor(tables: PlanTables) {
    this.#tables = tables;
  }

  /** Returns the plan of a component tree, or a difference between the tree and that of the build. */
  planFor(tree: PlannedTree): Plan | PlanDifference {
    const { paths, shape } = this.#tables;
    const difference = differenceOfPaths(tree, paths) ?? differenceOfShapes(tree, shape);
    return difference === undefined ? planFrom(this.#tables, tree) : { difference };
  }
}

/** Returns a difference in the components or their order. */
function differenceOfPaths({ nodes, disabled }: PlannedTree, paths: readonly string[]): string | undefined {
  const at = nodes.findIndex(({ path }, index) => path !== paths[index]);
  if (at < 0 && nodes.length === paths.length) return undefined;
  const known = new Set(paths);
  const added = nodes.find(({ path }) => !known.has(path));
  if (added) return `${textOf(added)} was added after the build`;
  const present = new Set(nodes.map(({ path }) => path));
  const removed = paths.find((path) => !present.has(path));
  if (removed === undefined) return 'components were reordered after the build';
  const isDisabled = disabled.some(({ path }) => path === removed);
  return `${sectionOf(removed)} was ${isDisabled ? 'disabled' : 'removed'} after the build`;
}

/** Returns a difference between what components with the same paths declare. */
function differenceOfShapes({ nodes, providedByRuntime }: PlannedTree, shape: PlanTables['shape']): string | undefined {
  const comparison = new ShapeComparison(shape, providedByRuntime);
  for (const node of nodes) {
    try {
      describeShape(node, comparison);
    } catch {
      // A lazy identifier failed. The planner reports its error.
      comparison.differs(`the declarations of ${textOf(node)} changed after the build`);
    }
    if (comparison.difference !== undefined) return comparison.difference;
  }
  return comparison.end();
}

/** Compares the shape of a tree with a recorded one. */
class ShapeComparison implements ShapeReceiver {
  difference: string | undefined;
  readonly #shape: PlanTables['shape'];
  readonly #identities: Array<object | symbol>;
  #at = 0;
  #node: ComponentNode | undefined;

  constructor(shape: PlanTables['shape'], providedByRuntime: Plan['providedByRuntime']) {
    this.#shape = shape;
    this.#identities = [...providedByRuntime];
  }

  differs(difference: string): void {
    this.difference ??= difference;
  }

  component(node: ComponentNode): void {
    this.#node = node;
  }

  value(value: ShapeValue): void {
    if (this.#shape[this.#at++] !== value) this.#differs();
  }

  identity(id: object | symbol | undefined): void {
    const index = this.#shape[this.#at++];
    const known = this.#identities;
    if (id !== undefined && index === known.length) known.push(id);
    else if (id === undefined || typeof index !== 'number' || known[index] !== id) this.#differs();
  }

  option(node: ComponentNode, option: string, value: unknown): void {
    if (this.#shape[this.#at++] === (value ?? null)) return;
    const path = formatPath([...ComponentNode.viewOf(node).path, option]);
    this.differs(`${path}, the name of a resource, changed after the build`);
  }

  /** Returns the difference that only the whole shape shows: an identifier that was two, or values that are missing. */
  end(): string | undefined {
    const isEqual = this.#at === this.#shape.length && new Set(this.#identities).size === this.#identities.length;
    return isEqual ? undefined : 'the declarations of components changed after the build';
  }

  #differs(): void {
    this.differs(`the class of ${textOf(this.#node!)} changed after the build`);
  }
}

function planFrom(tables: PlanTables, { nodes, disabled, providedByRuntime }: PlannedTree): Plan | PlanDifference {
  const providers = providersOf(tables, nodes);
  const steps = stepsOf(tables, nodes, providers);
  const components = new ComponentReader(tables).read(nodes, steps);
  const healthChecks = healthChecksOf(nodes);
  if (!healthChecks) return { difference: 'the declarations of health checks changed after the build' };
  const root = nodes[0]!;
  const plan = { root, components, disabled, steps, providers, healthChecks, providedByRuntime, problems: [] };
  setReadyOrder(plan, tables.ready);
  return plan;
}

/** Returns the health checks; undefined if an option cannot be read that decides whether one is critical. */
function healthChecksOf(nodes: readonly ComponentNode[]): PlannedHealthCheck[] | undefined {
  const checks: PlannedHealthCheck[] = [];
  for (const node of nodes) {
    for (const declaration of node.declarations.healthChecks) {
      const check = plannedHealthCheck(declaration, node);
      if (!check) return undefined;
      checks.push(check);
    }
  }
  return checks;
}

function providersOf({ published, used }: PlanTables, nodes: readonly ComponentNode[]): Provider[] {
  const providers: Provider[] = [];
  for (const node of nodes) {
    for (const declaration of node.declarations.providers) {
      const index = providers.length;
      providers.push({
        node,
        declaration,
        // The comparison has found no identifier of inversify.
        ids: declaration.ids.map((id) => ownIdentifier(id)!),
        name: declaration.name ?? node.resourceName,
        step: published[index]!,
        used: used[index] === '1',
      });
    }
  }
  return providers;
}

function stepsOf(
  { kinds, nodes: owners, needs }: PlanTables,
  nodes: readonly ComponentNode[],
  providers: readonly Provider[],
): Step[] {
  const provided = providers.filter(({ declaration }) => declaration.member !== undefined);
  let next = 0;
  return owners.map((owner, index) => {
    const kind = stepKinds[kinds[index]!]!;
    const provider = kind === 'provide' ? provided[next++] : undefined;
    return { index, kind, node: nodes[owner]!, provider, needs: needs[index]! };
  });
}

/** Reads the components. Each takes its keys from the same lists. */
class ComponentReader {
  readonly #tables: PlanTables;
  #nextKey = 0;
  #nextHandler = 0;

  constructor(tables: PlanTables) {
    this.#tables = tables;
  }

  read(nodes: readonly ComponentNode[], steps: readonly Step[]): PlannedComponent[] {
    const { last, uses } = this.#tables;
    const first: number[] = [];
    for (const { kind, node, index } of steps) if (kind === 'construct') first[node.index] = index;
    return nodes.map((node, index) => {
      const { declarations } = node;
      const wiring = wiringOf(declarations, ({ id }) => this.#key(id));
      const lookups = declarations.lookups.map((declaration): Need => ({
        declaration,
        key: this.#key(declaration.id),
      }));
      const handlers = declarations.handlers.map((declaration): Handler => {
        const id = ownIdentifier(declaration.id)!;
        const names = this.#tables.handlers[this.#nextHandler++]!;
        return { declaration, keys: names.map((name) => ({ id, name: this.#name(name) })) };
      });
      const firstStep = first[index]!;
      const { tasks } = declarations;
      return { node, wiring, lookups, handlers, tasks, firstStep, lastStep: last[index]!, uses: uses[index]! };
    });
  }

  #key(id: Need['declaration']['id']): Key {
    return { id: ownIdentifier(id)!, name: this.#name(this.#tables.keys[this.#nextKey++]!) };
  }

  #name(index: number): string {
    return this.#tables.names[index] ?? defaultName;
  }
}

/** Returns a component as the configuration names it. */
function textOf(node: ComponentNode): string {
  return formatPath(ComponentNode.viewOf(node).path);
}

function sectionOf(path: string): string {
  return path === '' ? 'component' : `component.components.${path.replaceAll('.', '.components.')}`;
}
