/**
 * Reads one component after the other from the tables of a plan. It compares the declarations of each component with
 * their description and creates its part of the plan in one pass: both visit the same declarations, and at startup every
 * visit runs in the interpreter.
 */
import type {
  DeclaredIdentifier,
  ForeignIdentifier,
  HandlerDeclaration,
  NeedDeclaration,
  ProviderDeclaration,
} from '../component/declaration-types.ts';
import type { Key } from '../context/key.ts';
import { formatPath } from '../config/path.ts';
import { ComponentNode } from './component-node.ts';
import {
  hooksIn,
  kindOfHandler,
  kindOfNeed,
  kindOfProvider,
  ownIdentifier,
  rareCounts,
  type Identity,
  type ShapeValue,
} from './plan-shape.ts';
import type { PlanDifference, PlanTables } from './plan-tables.ts';
import { wiringOf, type Handler, type Need, type Plan, type PlannedComponent, type Provider } from './plan.ts';

/** The part of a planned component that its declarations do not determine. */
export type ComponentPlace = Pick<PlannedComponent, 'firstStep' | 'lastStep' | 'uses'>;

export class ComponentReader {
  /** The providers of the components that have been read. */
  readonly providers: Provider[] = [];
  readonly #tables: PlanTables;
  readonly #identities: Identity[];
  #at = 0;
  #nextKey = 0;
  #nextHandler = 0;
  #isEqual = true;
  /** The path of an option whose value has changed. */
  #option: string | undefined;

  constructor(tables: PlanTables, providedByRuntime: Plan['providedByRuntime']) {
    this.#tables = tables;
    this.#identities = [...providedByRuntime];
  }

  /** Returns the next component, or a difference. */
  read(node: ComponentNode, { firstStep, lastStep, uses }: ComponentPlace): PlannedComponent | PlanDifference {
    const { declarations } = node;
    const { providers, needs, tasks } = declarations;
    this.#compare(node.type.name);
    this.#compare(hooksIn(declarations));
    this.#compare(providers.length);
    this.#compare(needs.length);
    for (const declaration of providers) this.providers.push(this.#provider(declaration, node));
    const wiring = wiringOf(declarations, (need) => this.#need(need, node));
    const { handlers, lookups } = this.#rare(node);
    if (this.#isEqual) return { node, wiring, lookups, handlers, tasks, firstStep, lastStep, uses };
    return { difference: this.#option ?? `the class of ${pathOf(node)} changed after the build` };
  }

  /** Returns a difference that only all components together show: two identifiers became one. */
  end(): PlanDifference | undefined {
    const isEqual =
      this.#at === this.#tables.shape.length && new Set(this.#identities).size === this.#identities.length;
    return isEqual ? undefined : { difference: 'the declarations of components changed after the build' };
  }

  #provider(declaration: ProviderDeclaration, node: ComponentNode): Provider {
    this.#compare(kindOfProvider(declaration));
    const ids = declaration.ids.map((id) => this.#identify(id));
    const { name, member } = declaration;
    if (name !== undefined) this.#compare(name);
    this.#compareMember(member);
    const used = this.#tables.used[this.providers.length] === '1';
    return { node, declaration, ids, name: name ?? node.resourceName, step: -1, used };
  }

  #need(need: NeedDeclaration, node: ComponentNode): Key {
    this.#compare(kindOfNeed(need));
    const id = this.#identify(need.id);
    this.#compareName(need, node);
    this.#compareMember(need.member);
    return { id, name: this.#name(this.#tables.keys[this.#nextKey++]!) };
  }

  /** Reads the declarations that most components do not have. */
  #rare(node: ComponentNode): Pick<PlannedComponent, 'handlers' | 'lookups'> {
    const { declarations } = node;
    const counts = rareCounts(declarations);
    const isRare = counts.some((count) => count > 0);
    this.#compare(isRare ? 1 : 0);
    if (!isRare) return nothingRare;
    for (const count of counts) this.#compare(count);
    for (const { member } of declarations.tasks) this.#compareMember(member);
    for (const { member } of declarations.healthChecks) this.#compareMember(member);
    return {
      handlers: declarations.handlers.map((declaration) => this.#handler(declaration, node)),
      lookups: declarations.lookups.map((declaration): Need => ({ declaration, key: this.#need(declaration, node) })),
    };
  }

  #handler(declaration: HandlerDeclaration, node: ComponentNode): Handler {
    this.#compare(kindOfHandler(declaration));
    const id = this.#identify(declaration.id);
    this.#compareName(declaration, node);
    this.#compareMember(declaration.member);
    const names = this.#tables.handlers[this.#nextHandler++] ?? [];
    return { declaration, keys: names.map((name) => ({ id, name: this.#name(name) })) };
  }

  #name(index: number): string {
    return this.#tables.names[index]!;
  }

  #compare(value: ShapeValue): void {
    if (this.#tables.shape[this.#at++] !== value) this.#isEqual = false;
  }

  /** Returns the identifier of a declaration, which is new or has the number of its earlier occurrences. */
  #identify(declared: DeclaredIdentifier | ForeignIdentifier): Key['id'] {
    const index = this.#tables.shape[this.#at++] as number;
    const known = this.#identities[index];
    if (known === declared) return declared as Key['id'];
    const id = ownIdentifier(declared);
    if (id !== undefined && index === this.#identities.length) this.#identities.push(id);
    else if (id === undefined || known !== id) this.#isEqual = false;
    // After a difference, nothing uses the key.
    return id ?? (known as Key['id']);
  }

  #compareMember(member: PropertyKey | undefined): void {
    if (typeof member !== 'symbol') {
      this.#compare(member === undefined ? null : String(member));
      return;
    }
    const index = this.#tables.shape[this.#at++] as number;
    if (index === this.#identities.length) this.#identities.push(member);
    else if (this.#identities[index] !== member) this.#isEqual = false;
  }

  #compareName({ name }: NeedDeclaration | HandlerDeclaration, node: ComponentNode): void {
    if (name === undefined) return;
    if (typeof name === 'string') {
      this.#compare(name);
      return;
    }
    this.#compare(name.option);
    const wasEqual = this.#isEqual;
    this.#compare((ComponentNode.configOf(node)[name.option] ?? null) as ShapeValue);
    if (wasEqual && !this.#isEqual) {
      this.#option = `${pathOf(node)}.${name.option}, the name of a resource, changed after the build`;
    }
  }
}

const nothingRare: Pick<PlannedComponent, 'handlers' | 'lookups'> = { handlers: [], lookups: [] };

/** Returns the path of a component in the configuration. */
export function pathOf(node: ComponentNode): string {
  return formatPath(ComponentNode.viewOf(node).path);
}
