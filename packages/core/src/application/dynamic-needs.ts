/**
 * Records the dynamic lookups of components during the start. The plan cannot know these needs. In the stop order, a
 * step that looked up a resource is undone before the step that published it, as if the resource had been injected.
 */
import type { ServiceIdentifier } from '../context/key.ts';
import { ResourceTable } from '../context/resource-table.ts';
import type { Plan } from '../graph/plan.ts';

/** An edge: a step and a step that it needs. */
export type Edge = readonly [step: number, need: number];

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
