/**
 * Orders whole components for the phases after their start: which component becomes ready first, and whose handlers
 * end first.
 *
 * Components can form a cycle even if their steps do not: two components may each need a resource that the other one
 * provides. Within such a cycle only the order of the tree applies.
 */
import type { ComponentNode } from './component-node.ts';
import { stronglyConnectedComponents } from './cycles.ts';
import type { Plan } from './plan.ts';

/** Cached because both the start and the stop use the order. */
const readyOrders = new WeakMap<Plan, ReadonlyArray<readonly number[]>>();

/** Returns, for each component, the components that become ready before it: its children and its dependencies. */
export function readyOrder(plan: Plan): ReadonlyArray<readonly number[]> {
  let order = readyOrders.get(plan);
  if (order) return order;
  const { components } = plan;
  order = withoutCycles(components, ({ node, uses }) => {
    const before = node.children.map(({ index }) => index);
    // An ancestor becomes ready after its descendants, even if they need its resources.
    for (const index of uses) if (!isAbove(components[index]!.node, node)) before.push(index);
    return before;
  });
  readyOrders.set(plan, order);
  return order;
}

/** Stores the order of a plan whose order a build has computed. */
export function setReadyOrder(plan: Plan, order: ReadonlyArray<readonly number[]>): void {
  readyOrders.set(plan, order);
}

/** Returns, for each component, its dependencies. Their handlers end before its own. */
export function usesOrder({ components }: Plan): number[][] {
  return withoutCycles(components, ({ uses }) => uses.slice());
}

type Components = Plan['components'];

function withoutCycles(components: Components, edgesOf: (component: Components[number]) => number[]): number[][] {
  const edges = components.map(edgesOf);
  for (const members of stronglyConnectedComponents(edges)) {
    const inside = new Set(members);
    const isChild = (index: number, parent: number): boolean => components[index]!.node.parent?.index === parent;
    for (const member of members) {
      edges[member] = edges[member]!.filter((index) => !inside.has(index) || isChild(index, member));
    }
  }
  return edges;
}

function isAbove(above: ComponentNode, node: ComponentNode): boolean {
  for (let at = node.parent; at; at = at.parent) if (at === above) return true;
  return false;
}
