/**
 * The plan of an application as data, for a build. Tables contain no class and no value: `PreparedPlan` takes both from the
 * component tree of the running application, in the same order.
 */
import { ConfigError } from '../config/errors.ts';
import { ComponentNode, componentText } from './component-node.ts';
import { readyOrder } from './component-order.ts';
import { describeShape, type ShapeReceiver, type ShapeValue } from './plan-shape.ts';
import type { Plan, StepKind } from './plan.ts';

/** All lists are in the order of the plan. */
export interface PlanTables {
  /** The paths of the components. */
  readonly paths: readonly string[];
  /** Everything that the plan depends on; see `describeShape`. */
  readonly shape: readonly ShapeValue[];
  /** For each step, the first letter of its kind. */
  readonly kinds: string;
  /** For each step, the index of its component. */
  readonly nodes: readonly number[];
  /** For each step, the steps that must finish first. */
  readonly needs: readonly number[][];
  /** For each provider, the step after which its keys can be looked up. */
  readonly published: readonly number[];
  /** For each provider, `1` if a component needs it and `0` if not. */
  readonly used: string;
  /** For each component, its last step. */
  readonly last: readonly number[];
  /** For each component, the components that provide its needs. */
  readonly uses: readonly number[][];
  /** For each component, the components that become ready before it. */
  readonly ready: ReadonlyArray<readonly number[]>;
  /** The names of resources. */
  readonly names: readonly string[];
  /** For each need and lookup of each component, the index of its resource's name. */
  readonly keys: readonly number[];
  /** For each handler of each component, the indexes of the names of its resources. */
  readonly handlers: ReadonlyArray<readonly number[]>;
}

/** Why an application has no tables, so that it is planned when it starts. */
export interface PlanObstacle {
  readonly obstacle: string;
}

/** The letters of `kinds`. */
export const stepKinds: Readonly<Record<string, StepKind>> = {
  c: 'construct',
  p: 'prepare',
  v: 'provide',
  s: 'start',
};

const letters: Readonly<Record<StepKind, string>> = { construct: 'c', prepare: 'p', provide: 'v', start: 's' };

/** Returns the tables of a plan whose only problems are options without a value. */
export function planTables(plan: Plan): PlanTables | PlanObstacle {
  if (!plan.problems.every((problem) => problem instanceof ConfigError)) return { obstacle: 'its plan has problems' };
  const recorder = new ShapeRecorder(plan);
  for (const { node } of plan.components) describeShape(node, recorder);
  const { obstacle, shape } = recorder;
  if (obstacle !== undefined) return { obstacle };
  const { components, steps, providers } = plan;
  const names = new Map<string, number>();
  const indexOf = (name: string): number => {
    const known = names.get(name) ?? names.size;
    names.set(name, known);
    return known;
  };
  const keys: number[] = [];
  const handlers: number[][] = [];
  for (const { node, wiring, lookups, handlers: planned } of components) {
    const injected = [...wiring.constructor, ...wiring.properties, ...[...wiring.methods.values()].flat()];
    const keyOf = new Map(injected.flatMap((need) => (need ? [[need.declaration, need.key]] : [])));
    for (const need of node.declarations.needs) keys.push(indexOf(keyOf.get(need)!.name));
    for (const { key } of lookups) keys.push(indexOf(key.name));
    for (const handler of planned) handlers.push(handler.keys.map(({ name }) => indexOf(name)));
  }
  return {
    paths: components.map(({ node }) => node.path),
    shape,
    kinds: steps.map(({ kind }) => letters[kind]).join(''),
    nodes: steps.map(({ node }) => node.index),
    needs: steps.map((step) => step.needs),
    published: providers.map(({ step }) => step),
    used: providers.map(({ used }) => (used ? '1' : '0')).join(''),
    last: components.map(({ lastStep }) => lastStep),
    uses: components.map(({ uses }) => [...uses]),
    ready: readyOrder(plan),
    names: [...names.keys()],
    keys,
    handlers,
  };
}

/** Records the shape of a plan. */
class ShapeRecorder implements ShapeReceiver {
  readonly shape: ShapeValue[] = [];
  obstacle: string | undefined;
  readonly #identities = new Map<object | symbol | undefined, number>();
  #node: ComponentNode | undefined;

  constructor({ providedByRuntime }: Plan) {
    for (const id of providedByRuntime) this.#identities.set(id, this.#identities.size);
  }

  component(node: ComponentNode): void {
    this.#node = node;
  }

  value(value: ShapeValue): void {
    this.shape.push(value);
  }

  identity(id: object | symbol | undefined): void {
    if (id === undefined) this.obstacle ??= `${componentText(this.#node!)} uses an identifier of inversify`;
    const index = this.#identities.get(id) ?? this.#identities.size;
    this.#identities.set(id, index);
    this.shape.push(index);
  }

  option(node: ComponentNode, option: string, value: unknown): void {
    const schema = node.declarations.component?.options.config?.options[option];
    const subject = `the option \`${option}\` of ${componentText(node)}, which names a resource,`;
    if (schema?.sensitive) this.obstacle ??= `${subject} is sensitive`;
    else if (ComponentNode.viewOf(node).hasTag([option])) this.obstacle ??= `${subject} has no value yet`;
    this.shape.push(typeof value === 'string' ? value : null);
  }
}
