/** Resolves the needs of components to their providers and reports the needs that cannot be met. */
import { declaredIdentifier } from '../component/declarations.ts';
import type {
  DeclaredIdentifier,
  ForeignIdentifier,
  HandlerDeclaration,
  NeedDeclaration,
  ProviderDeclaration,
} from '../component/declaration-types.ts';
import {
  defaultName,
  identifierName,
  LazyServiceIdentifier,
  Token,
  type Key,
  type ServiceIdentifier,
} from '../context/key.ts';
import type { ResourceTable } from '../context/resource-table.ts';
import { describeThrown, type AsphaltError } from '../errors/asphalt-error.ts';
import { nearMisses } from '../errors/near-misses.ts';
import type { ComponentNode } from './component-node.ts';
import { DecoratorError, type DecoratorFault } from './declaration-errors.ts';
import { disabledProviders, type DisabledComponent } from './disabled-components.ts';
import { MissingProviderError, ScopeError, type SimilarName } from './errors.ts';
import { referencedValue } from './option-references.ts';
import type { Plan, Provider, Step } from './plan.ts';
import { slotText } from './problem-text.ts';

type Id = ServiceIdentifier<unknown>;
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

/** What explains a missing provider. */
interface AbsentProviders {
  readonly similar: SimilarNames;
  readonly disabled: readonly DisabledComponent[];
}

export class NeedResolver {
  readonly #identifiers: Identifiers;
  readonly #table: ResourceTable<Provider>;
  readonly #providedByRuntime: Plan['providedByRuntime'];
  readonly #absent: AbsentProviders;
  readonly #problems: AsphaltError[];
  /** For each provider component, the last component that was added as its dependent. */
  readonly #lastUser: number[] = [];

  /** @param problems - list that receives the problems */
  constructor(
    identifiers: Identifiers,
    table: ResourceTable<Provider>,
    providedByRuntime: Plan['providedByRuntime'],
    absent: AbsentProviders,
    problems: AsphaltError[],
  ) {
    this.#identifiers = identifiers;
    this.#table = table;
    this.#providedByRuntime = providedByRuntime;
    this.#absent = absent;
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
    else if (this.#providedByRuntime.includes(id) && name === defaultName) return key;
    else if (!('index' in declaration && declaration.optional)) this.#reportMissing(key, node, declaration);
    return key;
  }

  /** Returns whether a provider of a disabled component has a key. Its lazy identifiers may fail, which is no problem. */
  #provides({ ids, name }: ProviderDeclaration, resourceName: string, key: Key): boolean {
    const isWanted = (id: ProviderDeclaration['ids'][number]): boolean => {
      try {
        return this.#identifiers.of(id) === key.id;
      } catch {
        return false;
      }
    };
    return (name ?? resourceName) === key.name && ids.some(isWanted);
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
    return referencedValue(name, node, { type: 'string', unset: defaultName }, (fault) =>
      this.#reportDecorator(`fromConfig("${name.option}")`, declaration, node, fault),
    );
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
    const declaredBy = 'inversify' in declaration ? 'inversify' : 'isLookup' in declaration ? 'lookups' : '@inject';
    const otherNames = Array.from(this.#table.named(key.id), ([name, provider]) => ({ name, node: provider.node }));
    const similar = otherNames.length > 0 ? [] : this.#absent.similar.to(identifierName(key.id));
    const disabled = disabledProviders(this.#absent.disabled, (provider, resourceName) =>
      this.#provides(provider, resourceName, key),
    );
    const found = { otherNames, similar, disabled };
    this.#problems.push(new MissingProviderError(key, { node, member, site, declaredBy, ...found }));
  }
}

/** Returns the decorator of a declaration as the user writes it. */
function decoratorOf(declaration: Declaration): string {
  if ('ids' in declaration) return '@provides()';
  if ('isLookup' in declaration) return '@component()';
  return `${'index' in declaration ? '@inject' : '@on'}${declaration.all ? 'All' : ''}()`;
}

/** Returns whether the contexts that a component opens provide the key. */
export function isProvidedByContext({ declaration }: Provider): boolean {
  return declaration.member === undefined && declaration.scope === 'context';
}

/**
 * Resolves the identifiers of declarations. Unwraps lazy identifiers, and maps a symbol or a string of inversify to the
 * token that was created with it.
 */
export class Identifiers {
  readonly #tokens = new Map<ForeignIdentifier, Token<unknown>>();

  /** Records a provided identifier. */
  learn(id: Id): void {
    if (!(id instanceof Token)) return;
    const known = this.#tokens.get(id.key);
    // If two tokens share a key, a symbol or string of inversify is ambiguous and matches neither of them.
    if (known !== id) this.#tokens.set(id.key, known ? new Token(id.key) : id);
  }

  /**
   * Returns the identifier of a declaration.
   *
   * @throws the error of a lazy identifier, or an error if a lazy identifier returns no identifier
   */
  of(declared: DeclaredIdentifier | ForeignIdentifier): Id {
    if (isForeign(declared)) return this.#tokenOf(declared);
    if (typeof declared === 'function') return declared;
    if ('unwrap' in declared && !(declared instanceof LazyServiceIdentifier)) {
      const real = declared.unwrap();
      if (isForeign(real)) return this.#tokenOf(real);
    }
    return declaredIdentifier(declared);
  }

  #tokenOf(key: ForeignIdentifier): Token<unknown> {
    const known = this.#tokens.get(key);
    if (known) return known;
    const unknown = new Token<unknown>(key);
    this.#tokens.set(key, unknown);
    return unknown;
  }
}

function isForeign(id: unknown): id is ForeignIdentifier {
  return typeof id === 'string' || typeof id === 'symbol';
}

/** Limit for searches: each one visits all providers, and suggestions for hundreds of missing names are of no use. */
const mostSearches = 100;

/** Finds provided identifiers whose names resemble a missing one. */
export class SimilarNames {
  readonly #providers: readonly Provider[];
  #provided: ReadonlyMap<string, ComponentNode> | undefined;
  readonly #found = new Map<string, readonly SimilarName[]>();

  /** @param providers - list that is complete before the first search */
  constructor(providers: readonly Provider[]) {
    this.#providers = providers;
  }

  /** Returns the similar names, nearest first. The same name of another identifier comes before all others. */
  to(name: string): readonly SimilarName[] {
    const known = this.#found.get(name);
    if (known) return known;
    if (this.#found.size >= mostSearches) return [];
    const provided = (this.#provided ??= firstProviders(this.#providers));
    const names = [...(provided.has(name) ? [name] : []), ...nearMisses(name, provided.keys())];
    const similar = names.map((each) => ({ name: each, node: provided.get(each)! }));
    this.#found.set(name, similar);
    return similar;
  }
}

function firstProviders(providers: readonly Provider[]): Map<string, ComponentNode> {
  const first = new Map<string, ComponentNode>();
  for (const { ids, node } of providers) {
    for (const name of ids.map(identifierName)) if (!first.has(name)) first.set(name, node);
  }
  return first;
}
