/** Finds provided identifiers whose names resemble a missing one. */
import { identifierName } from '../context/key.ts';
import { nearMisses } from '../errors/near-misses.ts';
import type { ComponentNode } from './component-node.ts';
import type { Provider } from './plan.ts';

/** An identifier with a similar name, and the component that provides it. */
export interface SimilarName {
  readonly name: string;
  readonly node: ComponentNode;
}

/** Limit for searches: each one visits all providers, and suggestions for hundreds of missing names are of no use. */
const mostSearches = 100;

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
