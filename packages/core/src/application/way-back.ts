/** The needs of steps as they hold on the way back, where some count that made no order on the way there. */
import { knots } from '../graph/cycles.ts';
import type { Plan } from '../graph/plan.ts';
import type { Arrow } from './found-needs.ts';

/**
 * The needs in whose reverse the steps are undone.
 *
 * @param found - needs that came up while the application started
 */
export function needsOfWayBack(plan: Plan, found: Iterable<Arrow>): ReadonlyArray<readonly number[]> {
  const { steps } = plan;
  const arrows = [...found, ...needsOfContexts(plan)];
  const all = steps.map(({ needs }) => needs.slice());
  for (const [step, need] of arrows) all[step]!.push(need);
  const rings = knots(all);
  if (rings.length === 0) return all;
  const knotOf = new Map<number, number[]>();
  for (const knot of rings) for (const step of knot) knotOf.set(step, knot);
  // What would close a ring is left out; the plan itself has none.
  const isOpen = ([step, need]: Arrow): boolean => !knotOf.has(step) || knotOf.get(step) !== knotOf.get(need);
  const needs = steps.map((step) => step.needs.slice());
  for (const arrow of arrows) if (isOpen(arrow)) needs[arrow[0]]!.push(arrow[1]);
  return needs;
}

/**
 * A provider may leave things to be undone with the context of its component, which closes when that goes: before
 * what the provider needed for them.
 */
function needsOfContexts({ steps, components }: Plan): Arrow[] {
  const arrows: Arrow[] = [];
  for (const { kind, node, needs } of steps) {
    if (kind !== 'provide') continue;
    const { firstStep } = components[node.index]!;
    for (const need of needs) if (steps[need]!.node !== node) arrows.push([firstStep, need]);
  }
  return arrows;
}
