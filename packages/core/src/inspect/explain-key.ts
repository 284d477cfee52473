/** Explains one key of a plan as plain data: which component provides it and why, and which components need it. */
import { placeText } from '../component/place.ts';
import type { NeedDeclaration } from '../component/declaration-types.ts';
import { defaultName, identifierName, type Key, type ServiceIdentifier } from '../context/key.ts';
import { componentTrail, ComponentNode } from '../graph/component-node.ts';
import type { Plan, Provider } from '../graph/plan.ts';
import {
  describeNeeds,
  describeProvider,
  PlanIndex,
  type DescribedNeed,
  type NeedDescription,
  type ProviderDescription,
} from './describe-plan.ts';
import { UnknownKeyError } from './errors.ts';

export interface KeyExplanation {
  readonly id: string;
  readonly name: string;
  /** One in an application that can start; several if they conflict, or if several components open contexts. */
  readonly providers: readonly ProviderExplanation[];
  /** The needs and handlers that use it. */
  readonly needs: readonly NeedExplanation[];
}

export interface ProviderExplanation extends ProviderDescription {
  /** The path of the component; empty for the root. */
  readonly component: string;
  /** The name of its class. */
  readonly type: string;
  /** The path from the root to the component, with classes. */
  readonly trail: string;
  /** The origin of the resource's name. */
  readonly why: string;
  /** The declaration that adds the component to the application; absent for a root that code specifies. */
  readonly from?: string;
}

export interface NeedExplanation extends NeedDescription {
  /** The name of the component's class. */
  readonly type: string;
  /** Why the need means this key. */
  readonly why: string;
}

/**
 * Explains the keys that a text matches: `Mailer` matches every name, `Mailer/bulk` or `Mailer "bulk"` one name.
 *
 * @throws {@link UnknownKeyError} when nothing in the plan provides or needs such a key
 */
export function explainKey(plan: Plan, text: string): KeyExplanation[] {
  const keys = keysOf(plan);
  const matching = keys.filter((key) => isSpelt(key, text));
  const found = matching.length > 0 ? matching : keys.filter(({ id }) => namesOf(id).includes(text));
  if (found.length === 0) throw new UnknownKeyError(text, plan, keys);
  const needs = needsOf(plan);
  return found.map(({ id, name }) => ({
    id: identifierName(id),
    name,
    providers: plan.providers
      .filter((provider) => provider.name === name && provider.ids.includes(id))
      .map((provider) => explainProvider(provider)),
    needs: needs
      .filter(({ key, description: { kind } }) => key.id === id && (kind === 'all' || key.name === name))
      .map(({ node, description, declaration }) => ({
        ...description,
        type: node.type.name,
        why: whyMeant(declaration, name),
      })),
  }));
}

/** Returns whether a text names exactly this key. `Mailer/default` is one key; `Mailer` alone matches every name. */
function isSpelt({ id, name }: Key, text: string): boolean {
  return namesOf(id).some((type) => text === `${type}/${name}` || text === `${type} "${name}"`);
}

/** Returns the name of an identifier, and the one of its class, which a package may export under another name. */
function namesOf(id: ServiceIdentifier<unknown>): string[] {
  return [identifierName(id), id.name];
}

function needsOf(plan: Plan): Array<DescribedNeed & { readonly node: ComponentNode }> {
  const index = new PlanIndex(plan);
  return plan.components.flatMap((planned) =>
    describeNeeds(planned, index).map((need) => ({ ...need, node: planned.node })),
  );
}

/** Returns every provided or needed key once. */
function keysOf(plan: Plan): Key[] {
  const keys = new Map<ServiceIdentifier<unknown>, Set<string>>();
  const add = (id: ServiceIdentifier<unknown>, name: string): void => {
    const names = keys.get(id);
    if (names) names.add(name);
    else keys.set(id, new Set([name]));
  };
  for (const { ids, name } of plan.providers) for (const id of ids) add(id, name);
  for (const { key, description } of needsOf(plan)) {
    // An `@injectAll` or `@onAll` specifies no name.
    if (description.kind !== 'all' || !keys.has(key.id)) add(key.id, key.name);
  }
  return Array.from(keys, ([id, names]) => Array.from(names, (name) => ({ id, name }))).flat();
}

function explainProvider(provider: Provider): ProviderExplanation {
  const { node, declaration, name } = provider;
  const from = origin(provider);
  return {
    component: node.path,
    type: node.type.name,
    trail: componentTrail(node),
    ...describeProvider(provider),
    why:
      declaration.name !== undefined
        ? `the decorator sets the name "${name}"`
        : name === defaultName
          ? 'default name: neither the decorator nor the alias sets another'
          : `the name comes from the alias \`${node.alias}\``,
    ...(from === undefined ? {} : { from }),
  };
}

/** Returns where the configuration names the component's class, or else the decorator of the parent. */
function origin({ node }: Provider): string | undefined {
  const [configured] = ComponentNode.viewOf(node).origins(['type']);
  if (configured) return configured.text;
  if (!node.parent) return undefined;
  const place = placeText(ComponentNode.placeOf(node, node.parent.declarations.component?.site));
  return `@component of ${node.parent.type.name}${place === undefined ? '' : ` at ${place}`}`;
}

function whyMeant({ name, all, isLookup }: Pick<NeedDeclaration, 'name' | 'all' | 'isLookup'>, meant: string): string {
  if (all) return 'injects all names';
  if (isLookup && name === defaultName) return 'specifies no name';
  if (typeof name === 'string') return `specifies the name "${name}"`;
  if (name) return `option \`${name.option}\` sets the name`;
  return meant === defaultName ? 'specifies no name' : 'specifies no name and provides this one itself';
}
