/** The needs of steps as they hold on the way back, where some count that made no order on the way there. */
import { knots } from '../graph/cycles.ts';
import type { Plan } from '../graph/plan.ts';
import type { Arrow } from './found-needs.ts';

/**
 * The needs in whose reverse the steps are undone.
 *
 * @param found - needs that came up while the application started
 */
export function needsOfWayBack({ steps }: Plan, found: Iterable<Arrow>): ReadonlyArray<readonly number[]> {
  const arrows = [...found, ...needsOfContexts(steps)];
  const all = steps.map(({ needs }) => [...needs]);
  for (const [step, need] of arrows) all[step]!.push(need);
  const rings = knots(all);
  if (rings.length === 0) return all;
  const knotOf = new Map<number, number[]>();
  for (const knot of rings) for (const step of knot) knotOf.set(step, knot);
  // What would close a ring is left out; the plan itself has none.
  const isOpen = ([step, need]: Arrow): boolean => !knotOf.has(step) || knotOf.get(step) !== knotOf.get(need);
  const needs = steps.map((step) => [...step.needs]);
  for (const arrow of arrows) if (isOpen(arrow)) needs[arrow[0]]!.push(arrow[1]);
  return needs;
}

/**
 * A provider may leave things to be undone with the context of its component, which closes when that goes: before
 * what the provider needed for them.
 */
function* needsOfContexts(steps: Plan['steps']): Iterable<Arrow> {
  const constructOf = new Map<unknown, number>();
  for (const { kind, node, index } of steps) if (kind === 'construct') constructOf.set(node, index);
  for (const { kind, node, needs } of steps) {
    if (kind !== 'provide') continue;
    for (const need of needs) if (steps[need]!.node !== node) yield [constructOf.get(node)!, need];
  }
}
