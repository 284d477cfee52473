/**
 * Computes the order in which steps are undone. It includes needs that did not order the start: those of contexts, and
 * those found at run time. It must not depend on running components.
 */
import { stronglyConnectedComponents } from '../graph/cycles.ts';
import type { Plan, StepIndex } from '../graph/plan.ts';
import type { ServiceIdentifier } from '../context/key.ts';
import { ResourceTable } from '../context/resource-table.ts';
import { backwards, isAcyclic, type Order } from './schedule.ts';

/**
 * Returns the order in which started steps are undone: each before the steps that it needs.
 *
 * @param found - needs found at run time during the start
 */
export function stopOrder(plan: Plan, found: readonly Edge[], started: readonly StepIndex[]): Order {
  const added = [...found, ...needsOfContexts(plan)];
  const order = backwards(withEdges(plan, added), started);
  if (isAcyclic(order)) return order;
  // Leave out added edges that may close a cycle; the plan's own needs have none.
  const cycleOf = new Map<StepIndex, readonly StepIndex[]>();
  for (const cycle of stronglyConnectedComponents(withEdges(plan, added))) {
    for (const step of cycle) cycleOf.set(step, cycle);
  }
  const isOpen = ([step, need]: Edge): boolean => !cycleOf.has(step) || cycleOf.get(step) !== cycleOf.get(need);
  return backwards(withEdges(plan, added.filter(isOpen)), started);
}

/** Returns the needs of each step and the added ones. Copies only the lists that change. */
function withEdges({ steps }: Plan, added: readonly Edge[]): ReadonlyArray<readonly StepIndex[]> {
  const all = steps.map(({ needs }) => needs);
  for (const [step, need] of added) {
    if (all[step] === steps[step]!.needs) all[step] = [...all[step]!, need];
    else all[step]!.push(need);
  }
  return all;
}

/**
 * Returns the needs that components' contexts have through their providers. A provider may add teardowns to the context
 * of its component, which closes when the first step of the component is undone. That has to happen before the
 * provider's own needs are undone.
 */
function needsOfContexts({ steps, components }: Plan): Edge[] {
  const edges: Edge[] = [];
  for (const { kind, node, needs } of steps) {
    if (kind !== 'provide') continue;
    const { firstStep } = components[node.index]!;
    for (const need of needs) if (steps[need]!.node !== node) edges.push([firstStep, need]);
  }
  return edges;
}

/** An edge: a step and a step that it needs. */
export type Edge = readonly [step: number, need: number];

/**
 * Records the dynamic lookups of components during the start. The plan cannot know these needs. In the stop order, a
 * step that looked up a resource is undone before the step that published it, as if the resource had been injected.
 */
export class DynamicNeeds {
  readonly #plan: Plan;
  readonly #needs = new Map<number, Set<number>>();
  #publishers: ResourceTable<number> | undefined;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** Discards the needs of steps that run again. */
  forget(steps: readonly number[]): void {
    for (const step of steps) this.#needs.delete(step);
  }

  /** Records that a step published keys explicitly. */
  published(step: number, ids: ReadonlyArray<ServiceIdentifier<unknown>>, name: string): void {
    for (const id of ids) this.#table.set(id, name, step);
  }

  /** Returns the step that publishes a key; `undefined` if no component does. */
  publisherOf(id: ServiceIdentifier<unknown>, name: string): number | undefined {
    return this.#table.get(id, name);
  }

  /** Records that a step looked up a key. */
  add(step: number, id: ServiceIdentifier<unknown>, name: string): void {
    const publisher = this.publisherOf(id, name);
    if (publisher === undefined || publisher === step) return;
    const needs = this.#needs.get(step);
    if (needs) needs.add(publisher);
    else this.#needs.set(step, new Set([publisher]));
  }

  edges(): Edge[] {
    return Array.from(this.#needs).flatMap(([step, needs]) => Array.from(needs, (need): Edge => [step, need]));
  }

  get #table(): ResourceTable<number> {
    if (this.#publishers) return this.#publishers;
    const table = (this.#publishers = new ResourceTable());
    for (const { ids, name, step } of this.#plan.providers) for (const id of ids) table.set(id, name, step);
    return table;
  }
}
