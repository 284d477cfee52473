/**
 * A map from keys to entries. Entries with the default name have their own map. Named entries are grouped by
 * identifier, so that all resources of one identifier can be listed.
 *
 * A table can be layered on another one that no longer changes. Its own entries take precedence over those below. This
 * way, a request that publishes two resources does not copy the hundreds of its application. A lookup may visit every
 * layer, so a table with too many layers is flattened into one.
 */
import { defaultName, type ServiceIdentifier } from './key.ts';

type Id = ServiceIdentifier<unknown>;

/** The maximum number of layers. */
const maxHeight = 4;

export class ResourceTable<E> {
  #unnamed = new Map<Id, E>();
  #named: Map<Id, Map<string, E>> | undefined;
  #below: ResourceTable<E> | undefined;
  #height = 1;

  constructor(below?: ResourceTable<E>) {
    if (!below) return;
    this.#below = below;
    this.#height = below.#height + 1;
    if (this.#height > maxHeight) this.#flatten();
  }

  /** Creates a table with the same entries, on the same table below. */
  copy(): ResourceTable<E> {
    const copy = new ResourceTable<E>(this.#below);
    copy.#unnamed = new Map(this.#unnamed);
    for (const [id, entries] of this.#named ?? []) (copy.#named ??= new Map()).set(id, new Map(entries));
    return copy;
  }

  get(id: Id, name: string): E | undefined {
    const own = name === defaultName ? this.#unnamed.get(id) : this.#named?.get(id)?.get(name);
    return own === undefined && this.#below !== undefined ? this.#below.get(id, name) : own;
  }

  #own(id: Id, name: string): E | undefined {
    return name === defaultName ? this.#unnamed.get(id) : this.#named?.get(id)?.get(name);
  }

  set(id: Id, name: string, entry: E): void {
    if (name === defaultName) {
      this.#unnamed.set(id, entry);
      return;
    }
    const named = (this.#named ??= new Map());
    const entries = named.get(id);
    if (entries) entries.set(name, entry);
    else named.set(id, new Map([[name, entry]]));
  }

  delete(id: Id, name: string): void {
    // An entry of a lower table can only be deleted after it was copied into this one.
    this.#flatten();
    if (name === defaultName) this.#unnamed.delete(id);
    else this.#named?.get(id)?.delete(name);
  }

  #flatten(): void {
    const below = this.#below;
    if (!below) return;
    for (const [id, name, entry] of below.all()) if (this.#own(id, name) === undefined) this.set(id, name, entry);
    this.#below = undefined;
    this.#height = 1;
  }

  /** Yields the entries of an identifier with their names, those of lower tables first. */
  *named(id: Id): Iterable<[name: string, entry: E]> {
    const below = this.#below;
    for (const [name, entry] of below?.named(id) ?? []) yield [name, this.#own(id, name) ?? entry];
    const unnamed = this.#unnamed.get(id);
    if (unnamed !== undefined && !below?.get(id, defaultName)) yield [defaultName, unnamed];
    for (const [name, entry] of this.#named?.get(id) ?? []) if (!below?.get(id, name)) yield [name, entry];
  }

  /** Yields all entries, those of lower tables first. An entry under several keys is yielded once for each. */
  *all(): Iterable<[id: Id, name: string, entry: E]> {
    const below = this.#below;
    for (const [id, name, entry] of below?.all() ?? []) yield [id, name, this.#own(id, name) ?? entry];
    for (const [id, entry] of this.#unnamed) if (!below?.get(id, defaultName)) yield [id, defaultName, entry];
    for (const [id, entries] of this.#named ?? []) {
      for (const [name, entry] of entries) if (!below?.get(id, name)) yield [id, name, entry];
    }
  }
}
