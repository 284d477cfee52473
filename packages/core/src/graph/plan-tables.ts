/**
 * The plan of an application as data, for a build. Tables contain no class and no value: `PreparedPlan` takes both from the
 * component tree of the running application, in the same order.
 */
import type {
  DeclaredIdentifier,
  ForeignIdentifier,
  HandlerDeclaration,
  NeedDeclaration,
} from '../component/declaration-types.ts';
import { ConfigError } from '../config/errors.ts';
import { ComponentNode, componentText } from './component-node.ts';
import { readyOrder } from './component-order.ts';
import {
  hooksIn,
  kindOfHandler,
  kindOfNeed,
  kindOfProvider,
  ownIdentifier,
  rareCounts,
  type Identity,
  type ShapeValue,
} from './plan-shape.ts';
import type { Plan, PlannedComponent, StepKind } from './plan.ts';

/** All lists are in the order of the plan. */
export interface PlanTables {
  /** The paths of the components. */
  readonly paths: readonly string[];
  /** The descriptions of all components, one after the other. */
  readonly shape: readonly ShapeValue[];
  /** For each step, a letter for its kind. A component starts with the step that constructs it. */
  readonly kinds: string;
  /** For each step, the steps that must finish first. */
  readonly needs: readonly number[][];
  /** For each provider, `1` if a component needs it and `0` if not. */
  readonly used: string;
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

/** Why tables do not fit the components of a running application: a clause about the configuration or the code. */
export interface PlanDifference {
  readonly difference: string;
}

/** The letters of `kinds`. */
export const letters: Readonly<Record<StepKind, string>> = { construct: 'c', prepare: 'p', provide: 'v', start: 's' };

/** Returns the tables of a plan whose only problems are options without a value. */
export function planTables(plan: Plan): PlanTables | PlanObstacle {
  if (!plan.problems.every((problem) => problem instanceof ConfigError)) return { obstacle: 'its plan has problems' };
  const { components, steps, providers } = plan;
  const recorder = new Recorder(plan);
  for (const component of components) recorder.add(component);
  const { obstacle, shape, keys, handlers } = recorder;
  if (obstacle !== undefined) return { obstacle };
  return {
    paths: components.map(({ node }) => node.path),
    shape,
    kinds: steps.map(({ kind }) => letters[kind]).join(''),
    needs: steps.map((step) => step.needs),
    used: providers.map(({ used }) => (used ? '1' : '0')).join(''),
    uses: components.map(({ uses }) => [...uses]),
    ready: readyOrder(plan),
    names: [...recorder.names.keys()],
    keys,
    handlers,
  };
}

/** Describes components and lists the names of their resources, in the order in which `PreparedPlan` reads them. */
class Recorder {
  readonly shape: ShapeValue[] = [];
  readonly names = new Map<string, number>();
  readonly keys: number[] = [];
  readonly handlers: number[][] = [];
  obstacle: string | undefined;
  readonly #identities = new Map<Identity | undefined, number>();

  constructor({ providedByRuntime }: Plan) {
    for (const id of providedByRuntime) indexIn(this.#identities, id);
  }

  add(component: PlannedComponent): void {
    const { node, wiring, handlers, lookups } = component;
    const { declarations } = node;
    this.shape.push(node.type.name, hooksIn(declarations), declarations.providers.length, declarations.needs.length);
    for (const provider of declarations.providers) {
      this.shape.push(kindOfProvider(provider));
      for (const id of provider.ids) this.#identify(id, node);
      if (provider.name !== undefined) this.shape.push(provider.name);
      this.#member(provider.member);
    }
    const injected = [...wiring.constructor, ...wiring.properties, ...[...wiring.methods.values()].flat()];
    const keyOf = new Map(injected.flatMap((need) => (need ? [[need.declaration, need.key]] : [])));
    for (const need of declarations.needs) {
      this.#need(need, node);
      this.keys.push(indexIn(this.names, keyOf.get(need)!.name));
    }
    const counts = rareCounts(declarations);
    const isRare = counts.some((count) => count > 0);
    this.shape.push(isRare ? 1 : 0);
    if (!isRare) return;
    this.shape.push(...counts);
    for (const { member } of [...declarations.tasks, ...declarations.healthChecks]) this.#member(member);
    for (const { declaration, keys } of handlers) {
      this.shape.push(kindOfHandler(declaration));
      this.#identify(declaration.id, node);
      this.#name(declaration, node);
      this.#member(declaration.member);
      this.handlers.push(keys.map(({ name }) => indexIn(this.names, name)));
    }
    for (const { declaration, key } of lookups) {
      this.#need(declaration, node);
      this.keys.push(indexIn(this.names, key.name));
    }
  }

  #need(need: NeedDeclaration, node: ComponentNode): void {
    this.shape.push(kindOfNeed(need));
    this.#identify(need.id, node);
    this.#name(need, node);
    this.#member(need.member);
  }

  #identify(declared: DeclaredIdentifier | ForeignIdentifier, node: ComponentNode): void {
    const id = ownIdentifier(declared);
    if (id === undefined) this.obstacle ??= `${componentText(node)} uses an identifier of inversify`;
    this.shape.push(indexIn(this.#identities, id));
  }

  #member(member: PropertyKey | undefined): void {
    if (typeof member === 'symbol') this.shape.push(indexIn(this.#identities, member));
    else this.shape.push(member === undefined ? null : String(member));
  }

  #name({ name }: NeedDeclaration | HandlerDeclaration, node: ComponentNode): void {
    if (name === undefined) return;
    if (typeof name === 'string') {
      this.shape.push(name);
      return;
    }
    const { option } = name;
    const subject = `the option \`${option}\` of ${componentText(node)}, which names a resource,`;
    const schema = node.declarations.component?.options.config?.options[option];
    if (schema?.sensitive) this.obstacle ??= `${subject} is sensitive`;
    else if (ComponentNode.viewOf(node).hasTag([option])) this.obstacle ??= `${subject} has no value yet`;
    const value = ComponentNode.configOf(node)[option];
    this.shape.push(option, typeof value === 'string' ? value : null);
  }
}

/** Returns the index of an element, which is added if it is new. */
function indexIn<T>(indexes: Map<T, number>, element: T): number {
  const index = indexes.get(element) ?? indexes.size;
  indexes.set(element, index);
  return index;
}
