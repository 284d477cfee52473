/** Follows what components ask for to whoever provides it, and tells what is wrong with it. */
import type { HandlerDeclaration, NeedDeclaration, ProviderDeclaration } from '../component/declarations.ts';
import { defaultName, identifierName, type Key, type ServiceIdentifier } from '../context/key.ts';
import type { ResourceTable } from '../context/resource-table.ts';
import { describeThrown, type AsphaltError } from '../errors/asphalt-error.ts';
import { ComponentNode } from './component-node.ts';
import { nameFault } from './declaration-problems.ts';
import type { Identifiers } from './identifiers.ts';
import type { Plan, Provider, Step } from './plan.ts';
import { DecoratorError, MissingProviderError, ScopeError, slotText } from './problems.ts';
import type { SimilarNames } from './similar-names.ts';

type Declaration = NeedDeclaration | HandlerDeclaration | ProviderDeclaration;

/** What one declaration of a component instance asks for. */
export interface Demand {
  readonly declaration: NeedDeclaration | HandlerDeclaration;
  readonly node: ComponentNode;
  /** Where the value lives that it injects. */
  readonly lifetime: 'application' | 'context';
  /** What waits for it, if anything does. */
  readonly step: Step | undefined;
  /** Gathers the other components of which the instance needs something. */
  readonly uses: number[];
}

export class Demands {
  readonly #identifiers: Identifiers;
  readonly #table: ResourceTable<Provider>;
  readonly #given: Plan['given'];
  readonly #similar: SimilarNames;
  readonly #problems: AsphaltError[];
  /** For each component, the one that was last found to need something of it. */
  readonly #lastUser: number[] = [];

  /** @param problems - takes what is wrong */
  constructor(
    identifiers: Identifiers,
    table: ResourceTable<Provider>,
    given: Plan['given'],
    similar: SimilarNames,
    problems: AsphaltError[],
  ) {
    this.#identifiers = identifiers;
    this.#table = table;
    this.#given = given;
    this.#similar = similar;
    this.#problems = problems;
  }

  /**
   * Finds the key that a declaration means, and what its component, and its step if it has one, wait for. All of one
   * component come before any of the next.
   */
  follow(demand: Demand): Key | undefined {
    const { declaration, node } = demand;
    const id = this.identify(declaration.id, declaration, node);
    if (!id) return undefined;
    if (declaration.all) {
      for (const [name, provider] of this.#table.named(id)) this.#use(provider, { id, name }, demand);
      return { id, name: defaultName };
    }
    const name = this.#nameOf(declaration, id, node);
    if (name === undefined) return undefined;
    const key = { id, name };
    const provider = this.#table.get(id, key.name);
    if (provider) this.#use(provider, key, demand);
    else if (this.#given.includes(id) && name === defaultName) return key;
    else if (!('index' in declaration && declaration.optional)) this.#reportMissing(key, node, declaration);
    return key;
  }

  #use(provider: Provider, key: Key, { declaration, node, lifetime, step, uses }: Demand): void {
    provider.used = true;
    if (lifetime === 'application' && provider.declaration.scope === 'context') {
      this.#problems.push(new ScopeError(key, node, slotText(declaration), declaration.site, provider.node));
    }
    // What a context brings along is there when the context is, and nobody has to be ordered after it.
    if (isCarried(provider) || ('index' in declaration && declaration.deferred)) return;
    step?.needs.push(provider.step);
    const { index } = provider.node;
    if (provider.node === node || this.#lastUser[index] === node.index) return;
    this.#lastUser[index] = node.index;
    uses.push(index);
  }

  /** The real identifier of a declaration; undefined where a lazy one has none, which is reported. */
  identify(
    declared: NeedDeclaration['id'],
    declaration: Declaration,
    node: ComponentNode,
  ): ServiceIdentifier<unknown> | undefined {
    try {
      return this.#identifiers.of(declared);
    } catch (error) {
      const help = 'have it return a class or a token that is there when all modules are loaded';
      this.#reportDecorator(declaration, node, `its lazy identifier fails: ${describeThrown(error)}`, help);
      return undefined;
    }
  }

  /** A component that provides the identifier itself, under the name in its alias, means its own. */
  #nameOf(
    declaration: NeedDeclaration | HandlerDeclaration,
    id: ServiceIdentifier<unknown>,
    node: ComponentNode,
  ): string | undefined {
    const { name } = declaration;
    if (typeof name === 'string') return name;
    if (!name) return this.#table.get(id, node.resourceName)?.node === node ? node.resourceName : defaultName;
    const { option } = name;
    const known = Object.keys(node.declarations.component?.options.config?.options ?? {});
    const value = ComponentNode.configOf(node)[option] ?? defaultName;
    if (known.includes(option) && typeof value === 'string') return value;
    const { reason, help } = nameFault(option, known);
    this.#reportDecorator(declaration, node, reason, help);
    return undefined;
  }

  #reportDecorator(declaration: Declaration, node: ComponentNode, reason: string, help: string): void {
    const decorator = decoratorOf(declaration);
    this.#problems.push(new DecoratorError(decorator, node, slotText(declaration), reason, help, declaration.site));
  }

  #reportMissing(key: Key, node: ComponentNode, declaration: NeedDeclaration | HandlerDeclaration): void {
    const { site } = declaration;
    const member = slotText(declaration);
    const inversify = 'inversify' in declaration;
    const otherNames = Array.from(this.#table.named(key.id), ([name, provider]) => ({ name, node: provider.node }));
    const similar = otherNames.length > 0 ? [] : this.#similar.to(identifierName(key.id));
    this.#problems.push(new MissingProviderError(key, { node, member, site, otherNames, similar, inversify }));
  }
}

/** How a declaration is written. */
function decoratorOf(declaration: Declaration): string {
  if ('ids' in declaration) return '@provides()';
  return `${'index' in declaration ? '@inject' : '@on'}${declaration.all ? 'All' : ''}()`;
}

/** Whether the key is brought by the contexts that a component opens. */
export function isCarried({ declaration }: Provider): boolean {
  return declaration.member === undefined && declaration.scope === 'context';
}
