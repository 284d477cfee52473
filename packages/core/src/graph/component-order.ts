/**
 * Orders among whole components, for what follows their start: who is ready first, whose handlers end first.
 *
 * Between components there may be rings where there are none between steps: two components may each need something
 * that the other one provides. In such a ring only the order of the tree holds.
 */
import type { ComponentNode } from './component-node.ts';
import { knots } from './cycles.ts';
import type { Plan } from './plan.ts';

/** Both the start and the stop ask for it. */
const readyOrders = new WeakMap<Plan, number[][]>();

/** For each component, those that are ready before it: its children, and those of which it needs something. */
export function readyOrder(plan: Plan): ReadonlyArray<readonly number[]> {
  let order = readyOrders.get(plan);
  if (order) return order;
  const { components } = plan;
  order = withoutRings(components, ({ node, uses }) => {
    const before = node.children.map(({ index }) => index);
    // An ancestor provides for it and is ready after it, nevertheless.
    for (const index of uses) if (!isAbove(components[index]!.node, node)) before.push(index);
    return before;
  });
  readyOrders.set(plan, order);
  return order;
}

/** For each component, those of which it needs something: their handlers end before its own. */
export function usesOrder({ components }: Plan): number[][] {
  return withoutRings(components, ({ uses }) => uses.slice());
}

type Components = Plan['components'];

function withoutRings(components: Components, edgesOf: (component: Components[number]) => number[]): number[][] {
  const edges = components.map(edgesOf);
  for (const knot of knots(edges)) {
    const inside = new Set(knot);
    const isChild = (index: number, parent: number): boolean => components[index]!.node.parent?.index === parent;
    for (const member of knot) {
      edges[member] = edges[member]!.filter((index) => !inside.has(index) || isChild(index, member));
    }
  }
  return edges;
}

function isAbove(above: ComponentNode, node: ComponentNode): boolean {
  for (let at = node.parent; at; at = at.parent) if (at === above) return true;
  return false;
}
