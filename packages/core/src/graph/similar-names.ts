/** Finds provided identifiers that are spelt like one that nobody provides. */
import { identifierName } from '../context/key.ts';
import { nearMisses } from '../errors/near-misses.ts';
import type { Provider } from './plan.ts';

/** Each search goes through everything that is provided, and hints on hundreds of missing names help nobody. */
const mostSearches = 100;

export class SimilarNames {
  readonly #providers: readonly Provider[];
  #names: ReadonlySet<string> | undefined;
  readonly #found = new Map<string, readonly string[]>();

  /** @param providers - all of them, by the time of the first search */
  constructor(providers: readonly Provider[]) {
    this.#providers = providers;
  }

  /** The names that are like this one, first the same name of another identifier. */
  to(name: string): readonly string[] {
    const known = this.#found.get(name);
    if (known) return known;
    if (this.#found.size >= mostSearches) return [];
    this.#names ??= new Set(this.#providers.flatMap(({ ids }) => ids.map(identifierName)));
    const similar = [...(this.#names.has(name) ? [name] : []), ...nearMisses(name, this.#names)];
    this.#found.set(name, similar);
    return similar;
  }
}
