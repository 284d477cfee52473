/**
 * Finds the classes that components need, that have inversify's `@injectable` and that no component provides. Each
 * becomes a node, whose needs the plan checks and resolves like those of components.
 */
import type { ComponentClass } from '../component/component-options.ts';
import { Component } from '../component/component.ts';
import { declarationsOf } from '../component/declarations.ts';
import type { HandlerDeclaration, NeedDeclaration } from '../component/declaration-types.ts';
import { injectableComponent } from '../component/injectable.ts';
import { isInjectable } from '../component/inversify-metadata.ts';
import { defaultName, type ServiceIdentifier } from '../context/key.ts';
import type { ResourceTable } from '../context/resource-table.ts';
import { ComponentNode } from './component-node.ts';
import type { Identifiers } from './resolve-needs.ts';
import type { Provider } from './plan.ts';

export class Injectables {
  readonly #identifiers: Identifiers;
  readonly #provided: ResourceTable<Provider>;
  /** Component classes. A need for one of them must not create a second instance. */
  readonly #components: ReadonlySet<unknown>;
  readonly #namesakes = new Map<string, number>();

  constructor(identifiers: Identifiers, provided: ResourceTable<Provider>, components: readonly ComponentNode[]) {
    this.#identifiers = identifiers;
    this.#provided = provided;
    this.#components = new Set(components.map(({ type }) => type));
  }

  /** Yields the injectable classes that a node needs. The caller must add each one before it requests the next. */
  *neededBy({ declarations: { needs, lookups, handlers } }: ComponentNode): Iterable<ComponentClass> {
    for (const declarations of [needs, lookups, handlers]) {
      for (const declaration of declarations) {
        const id = this.#wantedBy(declaration);
        if (typeof id !== 'function' || !isInjectable(id) || this.#components.has(id)) continue;
        const [provider] = this.#provided.named(id);
        if (!provider && !(id.prototype instanceof Component)) yield id as unknown as ComponentClass;
      }
    }
  }

  /** Returns the identifier of a required need without a name; other needs never create an instance. */
  #wantedBy(declaration: NeedDeclaration | HandlerDeclaration): ServiceIdentifier<unknown> | undefined {
    const { id, name = defaultName, all } = declaration;
    if (all || name !== defaultName || ('index' in declaration && declaration.optional)) return undefined;
    try {
      return this.#identifiers.of(id);
    } catch {
      // `NeedResolver` reports the lazy identifier when it resolves the need.
      return undefined;
    }
  }

  /** Returns a node that creates the instance. Its path contains `@`, so it never equals the path of a component. */
  nodeOf(type: ComponentClass, neededBy: ComponentNode, index: number): ComponentNode {
    const component = injectableComponent(type);
    const path = `@injectable/${type.name}`;
    const count = (this.#namesakes.get(path) ?? 0) + 1;
    this.#namesakes.set(path, count);
    return new ComponentNode({
      index,
      path: count === 1 ? path : `${path}/${count}`,
      alias: '@injectable',
      resourceName: defaultName,
      type: component,
      declarations: declarationsOf(component),
      config: {},
      view: ComponentNode.viewOf(neededBy),
      parent: undefined,
      neededBy,
    });
  }
}
