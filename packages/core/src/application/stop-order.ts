/**
 * Computes the needs of steps for the stop order, which include needs that did not order the start: those of contexts,
 * and those found at run time. It must not depend on running components.
 */
import { stronglyConnectedComponents } from '../graph/cycles.ts';
import type { Plan } from '../graph/plan.ts';
import type { ServiceIdentifier } from '../context/key.ts';
import { ResourceTable } from '../context/resource-table.ts';

/**
 * Returns the needs of each step for the stop order: a step is undone before the steps that it needs.
 *
 * @param found - needs found at run time during the start
 */
export function stopDependencies(plan: Plan, found: readonly Edge[]): ReadonlyArray<readonly number[]> {
  const all = plan.steps.map(({ needs }) => needs.slice());
  for (const [step, need] of found) all[step]!.push(need);
  eachNeedOfContexts(plan, (step, need) => all[step]!.push(need));
  const cycles = stronglyConnectedComponents(all);
  if (cycles.length === 0) return all;
  const cycleOf = new Map<number, number[]>();
  for (const cycle of cycles) for (const step of cycle) cycleOf.set(step, cycle);
  // Leave out added edges that may close a cycle; the plan's own needs have none.
  const needs = plan.steps.map((step) => step.needs.slice());
  const addIfOpen = (step: number, need: number): void => {
    if (!cycleOf.has(step) || cycleOf.get(step) !== cycleOf.get(need)) needs[step]!.push(need);
  };
  for (const [step, need] of found) addIfOpen(step, need);
  eachNeedOfContexts(plan, addIfOpen);
  return needs;
}

/**
 * Visits the needs that a component's context has through its providers. A provider may add teardowns to that context,
 * which closes when the first step of the component is undone. That has to happen before the provider's own needs are
 * undone.
 */
function eachNeedOfContexts({ steps, components }: Plan, take: (step: number, need: number) => void): void {
  steps.forEach(({ kind, node, needs }) => {
    if (kind !== 'provide') return;
    const { firstStep } = components[node.index]!;
    needs.forEach((need) => {
      if (steps[need]!.node !== node) take(firstStep, need);
    });
  });
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
