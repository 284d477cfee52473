/** The needs of steps as they hold on the way back, where some count that made no order on the way there. */
import { knots } from '../graph/cycles.ts';
import type { Plan } from '../graph/plan.ts';
import type { Arrow } from './found-needs.ts';

/**
 * The needs in whose reverse the steps are undone.
 *
 * @param found - needs that came up while the application started
 */
export function needsOfWayBack(plan: Plan, found: readonly Arrow[]): ReadonlyArray<readonly number[]> {
  const all = plan.steps.map(({ needs }) => needs.slice());
  for (const [step, need] of found) all[step]!.push(need);
  eachNeedOfContexts(plan, (step, need) => all[step]!.push(need));
  const rings = knots(all);
  if (rings.length === 0) return all;
  const knotOf = new Map<number, number[]>();
  for (const knot of rings) for (const step of knot) knotOf.set(step, knot);
  // What would close a ring is left out; the plan itself has none.
  const needs = plan.steps.map((step) => step.needs.slice());
  const addIfOpen = (step: number, need: number): void => {
    if (!knotOf.has(step) || knotOf.get(step) !== knotOf.get(need)) needs[step]!.push(need);
  };
  for (const [step, need] of found) addIfOpen(step, need);
  eachNeedOfContexts(plan, addIfOpen);
  return needs;
}

/**
 * A provider may leave things to be undone with the context of its component, which closes when that goes: before
 * what the provider needed for them.
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
