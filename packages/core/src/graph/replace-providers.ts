/**
 * Takes providers out of a component tree because a replacement provides their keys, and components that thereby lose
 * their purpose. It copies the tree and must not change it. It runs before the plan is built, so the plan needs no rules
 * for replacements.
 */
import type { ComponentClass } from '../component/component-options.ts';
import { declarationsOf } from '../component/declarations.ts';
import type { Declarations, ProviderDeclaration } from '../component/declaration-types.ts';
import { defaultName, type ServiceIdentifier } from '../context/key.ts';
import { ResourceTable } from '../context/resource-table.ts';
import { buildPlan } from './build-plan.ts';
import { ComponentNode } from './component-node.ts';
import type { Plan } from './plan.ts';

export interface ReplacedTree {
  readonly nodes: readonly ComponentNode[];
  /** The paths of the components that are left out. */
  readonly leftOut: ReadonlySet<string>;
}

/**
 * Adds a component to a tree whose resources take the place of those with the same keys.
 *
 * A component is left out with its children if all keys that they publish are replaced. A component without tasks and
 * handlers is left out, too, if the keys that it publishes were used only by components that are left out, or by replaced
 * providers. The root is never left out.
 *
 * @param nodes - parents before their children
 * @param type - the component that provides the replacements
 */
export function replaceProviders(nodes: readonly ComponentNode[], type: ComponentClass): ReplacedTree {
  const plan = buildPlan(nodes);
  const replacement = replacementOf(type, nodes[0]!);
  const remaining = remainingIds(plan, buildPlan([replacement]));
  const leftOut = wholeReplacements(nodes, remaining);
  const used = new Set(plan.components.flatMap(({ uses }) => uses.map((index) => plan.components[index]!.node.path)));
  for (;;) {
    const copy = copyTree([...nodes, replacement], leftOut, remaining);
    const unneeded = unusedComponents(buildPlan(copy)).filter((path) => used.has(path));
    if (unneeded.length === 0) return { nodes: copy, leftOut };
    for (const path of unneeded) leftOut.add(path);
  }
}

/** The identifiers of replaced declarations that are not replaced, by the path of the component. */
type RemainingIds = ReadonlyMap<string, ReadonlyMap<ProviderDeclaration, ReadonlyArray<ServiceIdentifier<unknown>>>>;

/** Its path contains `@`, so it never equals the path of a component. */
function replacementOf(type: ComponentClass, root: ComponentNode): ComponentNode {
  return new ComponentNode({
    index: 0,
    path: '@replacements',
    alias: '@replacements',
    resourceName: defaultName,
    type,
    declarations: declarationsOf(type),
    config: {},
    view: ComponentNode.viewOf(root),
    parent: undefined,
  });
}

function remainingIds(plan: Plan, replacements: Plan): RemainingIds {
  const replaced = new ResourceTable<true>();
  for (const { ids, name } of replacements.providers) for (const id of ids) replaced.set(id, name, true);
  const result = new Map<string, Map<ProviderDeclaration, ReadonlyArray<ServiceIdentifier<unknown>>>>();
  for (const { node, declaration, ids, name } of plan.providers) {
    const remaining = ids.filter((id) => !replaced.get(id, name));
    if (remaining.length === ids.length) continue;
    const ofNode = result.get(node.path) ?? new Map<ProviderDeclaration, ReadonlyArray<ServiceIdentifier<unknown>>>();
    result.set(node.path, ofNode.set(declaration, remaining));
  }
  return result;
}

/** Returns the components that publish only replaced keys, together with their children. */
function wholeReplacements(nodes: readonly ComponentNode[], remaining: RemainingIds): Set<string> {
  const publishing = new Set<ComponentNode>();
  const whole = new Set<string>();
  for (const node of nodes.toReversed()) {
    const { providers } = node.declarations;
    const children = node.children.filter((child) => publishing.has(child));
    if (providers.length + children.length === 0) continue;
    publishing.add(node);
    const isReplaced = providers.every((each) => remaining.get(node.path)?.get(each)?.length === 0);
    if (node.parent && isReplaced && children.every(({ path }) => whole.has(path))) whole.add(node.path);
  }
  // Parents precede their children.
  for (const { path, parent } of nodes) if (parent && whole.has(parent.path)) whole.add(path);
  return whole;
}

/** Returns the components that have no work of their own and whose resources no component uses. */
function unusedComponents({ components }: Plan): string[] {
  const used = new Set(components.flatMap(({ uses }) => uses));
  return components.flatMap(({ node, tasks, handlers }) => {
    const works = !node.parent || node.children.length + tasks.length + handlers.length > 0;
    return works || used.has(node.index) ? [] : [node.path];
  });
}

/** Copies the nodes that are not left out, without replaced providers. */
function copyTree(
  nodes: readonly ComponentNode[],
  leftOut: ReadonlySet<string>,
  remaining: RemainingIds,
): ComponentNode[] {
  const copies = new Map<string, ComponentNode>();
  for (const node of nodes) {
    if (leftOut.has(node.path)) continue;
    const parent = node.parent && copies.get(node.parent.path);
    const declarations = withoutReplaced(node.declarations, remaining.get(node.path) ?? new Map());
    const copy = ComponentNode.copyOf(node, { index: copies.size, declarations, parent });
    parent?.children.push(copy);
    copies.set(node.path, copy);
  }
  return [...copies.values()];
}

function withoutReplaced(
  declarations: Declarations,
  remaining: ReadonlyMap<ProviderDeclaration, ReadonlyArray<ServiceIdentifier<unknown>>>,
): Declarations {
  if (remaining.size === 0) return declarations;
  const providers = declarations.providers
    .map((declaration) => ({ ...declaration, ids: remaining.get(declaration) ?? declaration.ids }))
    .filter(({ ids }) => ids.length > 0);
  const called = new Set(providers.map(({ member }) => member));
  const uncalled = new Set(declarations.providers.map(({ member }) => member).filter((member) => !called.has(member)));
  // The runtime does not call replaced providers, so their parameters are no needs.
  const isCalled = ({ member }: { readonly member: PropertyKey | undefined }): boolean =>
    member === undefined || !uncalled.has(member);
  return {
    ...declarations,
    providers,
    needs: declarations.needs.filter(isCalled),
    undeclared: declarations.undeclared.filter(isCalled),
  };
}
