/**
 * The classes of inversify that components need, that are decorated with its `@injectable`, and that no component
 * provides: each becomes a node of its own, whose needs are checked and followed like those of components.
 */
import type { ComponentClass } from '../component/component-class.ts';
import { Component } from '../component/component.ts';
import { declarationsOf, type HandlerDeclaration, type NeedDeclaration } from '../component/declarations.ts';
import { makerOf } from '../component/injectable.ts';
import { isInjectable } from '../component/inversify-metadata.ts';
import { defaultName, type ServiceIdentifier } from '../context/key.ts';
import type { ResourceTable } from '../context/resource-table.ts';
import { ComponentNode } from './component-node.ts';
import type { Identifiers } from './identifiers.ts';
import type { Provider } from './plan.ts';

export class Injectables {
  readonly #identifiers: Identifiers;
  readonly #provided: ResourceTable<Provider>;
  /** Whoever needs the class of a component does not mean another instance of it. */
  readonly #components: ReadonlySet<unknown>;
  readonly #namesakes = new Map<string, number>();

  constructor(identifiers: Identifiers, provided: ResourceTable<Provider>, components: readonly ComponentNode[]) {
    this.#identifiers = identifiers;
    this.#provided = provided;
    this.#components = new Set(components.map(({ type }) => type));
  }

  /** The classes that a node needs and that have to be made for it; what came of one counts for the next. */
  *neededBy({ declarations: { needs, handlers } }: ComponentNode): Iterable<ComponentClass> {
    for (const declarations of [needs, handlers]) {
      for (const declaration of declarations) {
        const id = this.#wantedBy(declaration);
        if (typeof id !== 'function' || !isInjectable(id) || this.#components.has(id)) continue;
        const [provider] = this.#provided.named(id);
        if (!provider && !(id.prototype instanceof Component)) yield id as unknown as ComponentClass;
      }
    }
  }

  /** The identifier of which a declaration wants the one instance; others take what there is, or name one. */
  #wantedBy(declaration: NeedDeclaration | HandlerDeclaration): ServiceIdentifier<unknown> | undefined {
    const { id, name = defaultName, all } = declaration;
    if (all || name !== defaultName || ('index' in declaration && declaration.optional)) return undefined;
    try {
      return this.#identifiers.of(id);
    } catch {
      // A lazy identifier that fails is reported where its need is followed.
      return undefined;
    }
  }

  /** The node that makes an instance; no alias of a component can be spelt like its path. */
  nodeOf(type: ComponentClass, neededBy: ComponentNode, index: number): ComponentNode {
    const maker = makerOf(type);
    const path = `@injectable/${type.name}`;
    const count = (this.#namesakes.get(path) ?? 0) + 1;
    this.#namesakes.set(path, count);
    return new ComponentNode({
      index,
      path: count === 1 ? path : `${path}/${count}`,
      alias: '@injectable',
      resourceName: defaultName,
      type: maker,
      declarations: declarationsOf(maker),
      config: {},
      view: ComponentNode.viewOf(neededBy),
      parent: undefined,
      neededBy,
    });
  }
}
