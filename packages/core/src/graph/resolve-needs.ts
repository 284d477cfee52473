/** Resolves the needs of components to their providers and reports the needs that cannot be met. */
import type { HandlerDeclaration, NeedDeclaration, ProviderDeclaration } from '../component/declaration-types.ts';
import { defaultName, identifierName, type Key, type ServiceIdentifier } from '../context/key.ts';
import type { ResourceTable } from '../context/resource-table.ts';
import { describeThrown, type AsphaltError } from '../errors/asphalt-error.ts';
import { ComponentNode } from './component-node.ts';
import { nameFault } from './declaration-problems.ts';
import type { Identifiers } from './identifiers.ts';
import type { Plan, Provider, Step } from './plan.ts';
import { DecoratorError, MissingProviderError, ScopeError, slotText, type DecoratorFault } from './problems.ts';
import type { SimilarNames } from './similar-names.ts';

type Declaration = NeedDeclaration | HandlerDeclaration | ProviderDeclaration;

/** A need or handler of one component, to be resolved. */
export interface Demand {
  readonly declaration: NeedDeclaration | HandlerDeclaration;
  readonly node: ComponentNode;
  /** How long the place that receives the value lives. */
  readonly lifetime: 'application' | 'context';
  /** The step that waits for the provider, if any. */
  readonly step: Step | undefined;
  /** Collects the components that the instance depends on. */
  readonly uses: number[];
}

export class NeedResolver {
  readonly #identifiers: Identifiers;
  readonly #table: ResourceTable<Provider>;
  readonly #given: Plan['given'];
  readonly #similar: SimilarNames;
  readonly #problems: AsphaltError[];
  /** For each provider component, the last component that was added as its dependent. */
  readonly #lastUser: number[] = [];

  /** @param problems - list that receives the problems */
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
   * Returns the key of a declaration and records its provider as a dependency of the component and of the step. The
   * caller must resolve all declarations of one component before those of the next.
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
    // A resource that a context provides exists as long as the context, so no order is necessary.
    if (isProvidedByContext(provider) || ('index' in declaration && declaration.deferred)) return;
    step?.needs.push(provider.step);
    const { index } = provider.node;
    if (provider.node === node || this.#lastUser[index] === node.index) return;
    this.#lastUser[index] = node.index;
    uses.push(index);
  }

  /** Returns the identifier of a declaration. Reports a lazy identifier that fails and returns undefined. */
  identify(
    declared: NeedDeclaration['id'],
    declaration: Declaration,
    node: ComponentNode,
  ): ServiceIdentifier<unknown> | undefined {
    try {
      return this.#identifiers.of(declared);
    } catch (error) {
      this.#reportDecorator(decoratorOf(declaration), declaration, node, {
        reason: 'its lazy identifier failed',
        note: describeThrown(error),
        help: 'return a class or a token that exists once all modules are loaded',
      });
      return undefined;
    }
  }

  /**
   * Returns the resource name of a declaration. A declaration without a name means the component's own resource if the
   * component provides the identifier under the name in its alias.
   */
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
    this.#reportDecorator(`fromConfig("${option}")`, declaration, node, nameFault(option, known));
    return undefined;
  }

  #reportDecorator(
    decorator: string,
    declaration: Declaration,
    node: ComponentNode,
    fault: Omit<DecoratorFault, 'site'>,
  ): void {
    const { site } = declaration;
    this.#problems.push(new DecoratorError(decorator, node, slotText(declaration), { ...fault, site }));
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

/** Returns the decorator of a declaration as the user writes it. */
function decoratorOf(declaration: Declaration): string {
  if ('ids' in declaration) return '@provides()';
  return `${'index' in declaration ? '@inject' : '@on'}${declaration.all ? 'All' : ''}()`;
}

/** Returns whether the contexts that a component opens provide the key. */
export function isProvidedByContext({ declaration }: Provider): boolean {
  return declaration.member === undefined && declaration.scope === 'context';
}
