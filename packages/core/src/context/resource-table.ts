/**
 * A copy-on-write map from keys to entries. Opening a child table copies nothing: both tables read the same maps until
 * one of them changes. A table copies maps that its children read before it changes them. A child puts its own maps on
 * top of those that it inherited, so a request that publishes two resources does not copy all those of its
 * application. A lookup may visit every layer, so a table with too many layers is flattened into one.
 *
 * Entries with the default name have their own map. Named entries are grouped by identifier, so that all entries of one
 * identifier can be listed.
 */
import { defaultName, type ServiceIdentifier } from './key.ts';

type Id = ServiceIdentifier<unknown>;

/** The maximum number of layers. */
const maxHeight = 4;

export class ResourceTable<E> {
  #unnamed: Map<Id, E>;
  #named: Map<Id, Map<string, E>> | undefined;
  /** The inherited entries, which no longer change. Own entries take precedence over them. */
  #below: ResourceTable<E> | undefined;
  /** Only own maps may be modified. Children also read shared maps; inherited ones belong to an ancestor. */
  #mapsAre: 'own' | 'shared' | 'inherited';

  /** @param parent - the table whose present entries this one inherits */
  constructor(parent?: ResourceTable<E>) {
    this.#unnamed = parent ? parent.#unnamed : new Map();
    this.#named = parent && parent.#named;
    this.#below = parent && parent.#below;
    this.#mapsAre = parent ? 'inherited' : 'own';
  }

  /** Creates a table with the entries that this one has now. */
  child(): ResourceTable<E> {
    if (this.#mapsAre === 'own') this.#mapsAre = 'shared';
    return new ResourceTable(this);
  }

  get(id: Id, name: string): E | undefined {
    const own = name === defaultName ? this.#unnamed.get(id) : this.#named?.get(id)?.get(name);
    return own === undefined && this.#below !== undefined ? this.#below.get(id, name) : own;
  }

  #own(id: Id, name: string): E | undefined {
    return name === defaultName ? this.#unnamed.get(id) : this.#named?.get(id)?.get(name);
  }

  set(id: Id, name: string, entry: E): void {
    this.#ownMaps();
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
    this.#ownMaps();
    // An inherited entry can only be deleted from a copy.
    this.#flatten();
    if (name === defaultName) this.#unnamed.delete(id);
    else this.#named?.get(id)?.delete(name);
  }

  /** Ensures that the maps can be changed: copies shared maps, and puts new ones on top of inherited maps. */
  #ownMaps(): void {
    if (this.#mapsAre === 'own') return;
    if (this.#mapsAre === 'shared') {
      this.#unnamed = new Map(this.#unnamed);
      this.#named = this.#named && new Map(Array.from(this.#named, ([id, entries]) => [id, new Map(entries)]));
    } else {
      this.#below = this.child();
      this.#unnamed = new Map();
      this.#named = undefined;
    }
    this.#mapsAre = 'own';
    if (this.#height > maxHeight) this.#flatten();
  }

  get #height(): number {
    return this.#below ? this.#below.#height + 1 : 1;
  }

  #flatten(): void {
    const below = this.#below;
    this.#below = undefined;
    for (const [id, name, entry] of below?.all() ?? []) {
      if (this.#own(id, name) === undefined) this.set(id, name, entry);
    }
  }

  /** Yields the entries of an identifier with their names, inherited ones first. */
  *named(id: Id): Iterable<[name: string, entry: E]> {
    const below = this.#below;
    for (const [name, entry] of below?.named(id) ?? []) yield [name, this.#own(id, name) ?? entry];
    const unnamed = this.#unnamed.get(id);
    if (unnamed !== undefined && !below?.get(id, defaultName)) yield [defaultName, unnamed];
    for (const [name, entry] of this.#named?.get(id) ?? []) if (!below?.get(id, name)) yield [name, entry];
  }

  /** Yields all entries, inherited ones first. An entry under several keys is yielded once for each. */
  *all(): Iterable<[id: Id, name: string, entry: E]> {
    const below = this.#below;
    for (const [id, name, entry] of below?.all() ?? []) yield [id, name, this.#own(id, name) ?? entry];
    for (const [id, entry] of this.#unnamed) if (!below?.get(id, defaultName)) yield [id, defaultName, entry];
    for (const [id, entries] of this.#named ?? []) {
      for (const [name, entry] of entries) if (!below?.get(id, name)) yield [id, name, entry];
    }
  }
}
