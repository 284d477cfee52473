/**
 * Computes the needs of steps for the stop order, which include needs that did not order the start. It must not depend
 * on running components.
 */
import { stronglyConnectedComponents } from '../graph/cycles.ts';
import type { Plan } from '../graph/plan.ts';
import type { Edge } from './dynamic-needs.ts';

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
