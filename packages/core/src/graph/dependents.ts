/**
 * Determines which components stop together with others. A component depends on the providers of its needs, at
 * whatever time it uses them, and on the nearest ancestor with a `prepare`. A parent starts after its children but does
 * not depend on them: a child can restart without its parent.
 */
import type { ComponentNode } from './component-node.ts';
import type { Plan } from './plan.ts';

/** A component and the component that it depends on. */
export type Dependency = readonly [component: number, on: number];

/**
 * Returns the given components, their descendants and all components that depend on any of these, in the order of
 * declaration.
 *
 * @param found - dependencies that the plan does not contain
 */
export function withDependents(plan: Plan, found: Iterable<Dependency>, components: Iterable<number>): number[] {
  const dependents = dependentsIn(plan, found);
  const reached = new Set<number>();
  for (const index of components) for (const node of branch(plan.components[index]!.node)) reached.add(node.index);
  // The loop also visits the elements that it adds to the set.
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

/** Returns a component and its descendants. */
function branch(node: ComponentNode): ComponentNode[] {
  const nodes = [node];
  for (const each of nodes) nodes.push(...each.children);
  return nodes;
}
