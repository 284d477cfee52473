/**
 * Reduces a plan to the steps that some resources need. It copies the tree and must not change it. The copies declare only
 * what these steps call, so the plan is built from them like any other.
 */
import type { Declarations } from '../component/declaration-types.ts';
import { buildPlan } from './build-plan.ts';
import { ComponentNode } from './component-node.ts';
import type { Plan, Provider, Step, StepIndex } from './plan.ts';

/**
 * Returns the plan of an application that publishes some resources of another plan and what they need, and nothing else.
 * Other providers and hooks of the same components do not run. No component has `ready`, tasks, handlers or health checks.
 *
 * @param plan - a plan with problems is returned unchanged
 * @param wanted - providers of the plan
 */
export function partialPlan(plan: Plan, wanted: readonly [Provider, ...Provider[]]): Plan {
  if (plan.problems.length > 0) return plan;
  const needed = neededSteps(plan, wanted);
  const copies = new Map<ComponentNode, ComponentNode>();
  for (const { node } of plan.components) {
    const steps = needed.filter((step) => step.node === node);
    // `buildPlan` adds the nodes of injectable classes.
    if (steps.length === 0 || node.neededBy) continue;
    const parent = nearestCopy(node, copies);
    const copy = ComponentNode.copyOf(node, { index: copies.size, parent, declarations: reduced(node, plan, steps) });
    parent?.children.push(copy);
    copies.set(node, copy);
  }
  return buildPlan([...copies.values()], [], plan.providedByRuntime);
}

/** Returns the steps that publish the resources and all steps before them. */
function neededSteps({ steps, providers, components }: Plan, wanted: readonly Provider[]): Step[] {
  const needed = new Set<StepIndex>(wanted.map(({ step }) => step));
  // The loop also visits the elements that it adds to the set.
  for (const index of needed) {
    const { needs, node } = steps[index]!;
    for (const need of needs) needed.add(need);
    for (const { key } of components[node.index]!.lookups)
      for (const { ids, name, step } of providers) if (name === key.name && ids.includes(key.id)) needed.add(step);
  }
  return Array.from(needed, (index) => steps[index]!);
}

function nearestCopy(
  node: ComponentNode,
  copies: ReadonlyMap<ComponentNode, ComponentNode>,
): ComponentNode | undefined {
  for (let at = node.parent; at; at = at.parent) if (copies.has(at)) return copies.get(at);
  return undefined;
}

/** Returns what a component declares for the given steps. */
function reduced(node: ComponentNode, plan: Plan, steps: readonly Step[]): Declarations {
  const { declarations } = node;
  const hooks = declarations.hooks.filter((hook) => steps.some(({ kind }) => kind === hook));
  const providers = plan.providers
    .filter((provider) => provider.node === node && steps.some(({ index }) => index === provider.step))
    .map(({ declaration }) => declaration);
  const called = new Set<PropertyKey | undefined>([...hooks, ...providers.map(({ member }) => member)]);
  const isCalled = ({
    member,
    index,
  }: {
    readonly member: PropertyKey | undefined;
    readonly index?: number | undefined;
  }): boolean => member === undefined || index === undefined || called.has(member);
  return {
    ...declarations,
    hooks,
    providers,
    tasks: [],
    handlers: [],
    healthChecks: [],
    needs: declarations.needs.filter(isCalled),
    undeclared: declarations.undeclared.filter(isCalled),
  };
}
