/**
 * Which components go down with others. A component depends on those of which it needs something, whenever it does,
 * and on the one whose `prepare` goes before it. That a parent starts after its children is order and nothing more: a
 * child may go and come again without its parent.
 */
import type { ComponentNode } from './component-node.ts';
import type { Plan } from './plan.ts';

/** Two components, the first of which needs something of the second. */
export type Dependency = readonly [component: number, on: number];

/**
 * The given components, what stands below them, and whatever depends on any of these, in the order of declaration.
 *
 * @param found - dependencies of which the plan does not know
 */
export function withDependents(plan: Plan, found: Iterable<Dependency>, given: Iterable<number>): number[] {
  const dependents = dependentsIn(plan, found);
  const reached = new Set<number>();
  for (const index of given) for (const node of branch(plan.components[index]!.node)) reached.add(node.index);
  // A set may grow while it is walked.
  for (const index of reached) for (const dependent of dependents[index]!) reached.add(dependent);
  return [...reached].sort((a, b) => a - b);
}

function dependentsIn({ components, steps }: Plan, found: Iterable<Dependency>): number[][] {
  const dependents: number[][] = components.map(() => []);
  const prepares = new Set<ComponentNode>();
  for (const { kind, node } of steps) if (kind === 'prepare') prepares.add(node);
  const preparedBy = new Map<ComponentNode, ComponentNode>();
  for (const { node, uses } of components) {
    for (const index of uses) dependents[index]!.push(node.index);
    const { parent } = node;
    if (!parent) continue;
    const above = prepares.has(parent) ? parent : preparedBy.get(parent);
    if (!above) continue;
    preparedBy.set(node, above);
    dependents[above.index]!.push(node.index);
  }
  for (const [component, on] of found) dependents[on]!.push(component);
  return dependents;
}

/** A component and everything below it. */
function branch(node: ComponentNode): ComponentNode[] {
  const nodes = [node];
  for (const each of nodes) nodes.push(...each.children);
  return nodes;
}
