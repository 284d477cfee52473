/**
 * What components found by hand while they started. The plan cannot know such needs; on the way back, whoever found a
 * resource is taken down before whoever published it, as if it had been injected.
 */
import type { ServiceIdentifier } from '../context/key.ts';
import { ResourceTable } from '../context/resource-table.ts';
import type { Plan } from '../graph/plan.ts';

/** A step and one that it needs. */
export type Arrow = readonly [step: number, need: number];

export class FoundNeeds {
  readonly #plan: Plan;
  readonly #needs = new Map<number, Set<number>>();
  #publishers: ResourceTable<number> | undefined;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** Notes that steps run anew: what they found before counts no more. */
  forget(steps: readonly number[]): void {
    for (const step of steps) this.#needs.delete(step);
  }

  /** Notes that a step published keys by hand. */
  published(step: number, ids: ReadonlyArray<ServiceIdentifier<unknown>>, name: string): void {
    for (const id of ids) this.#table.set(id, name, step);
  }

  /** The step that published a key, or is to; undefined where no component does. */
  publisherOf(id: ServiceIdentifier<unknown>, name: string): number | undefined {
    return this.#table.get(id, name);
  }

  /** Notes that a step found a key. */
  found(step: number, id: ServiceIdentifier<unknown>, name: string): void {
    const publisher = this.publisherOf(id, name);
    if (publisher === undefined || publisher === step) return;
    const needs = this.#needs.get(step);
    if (needs) needs.add(publisher);
    else this.#needs.set(step, new Set([publisher]));
  }

  arrows(): Arrow[] {
    return Array.from(this.#needs).flatMap(([step, needs]) => Array.from(needs, (need): Arrow => [step, need]));
  }

  get #table(): ResourceTable<number> {
    if (this.#publishers) return this.#publishers;
    const table = (this.#publishers = new ResourceTable());
    for (const { ids, name, step } of this.#plan.providers) for (const id of ids) table.set(id, name, step);
    return table;
  }
}
