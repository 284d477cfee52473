/**
 * What a context and its ancestors published. A context sees what its parent had when it was opened, and opening it
 * copies nothing: both read one table until one of them publishes something (copy on write).
 *
 * Tables share their entries. When a component stops, the application withdraws its resources from their entries, so
 * that every context loses them at once, however long it has been open. The entry stays in the tables. When the key is
 * published again, the new resource goes into the same entry, and the contexts that had the old one have the new one.
 */
import { checkName, IdentifierError, isIdentifier, type Key, type ServiceIdentifier } from './key.ts';
import type { Factory } from './made-resources.ts';
import { ResourceTable } from './resource-table.ts';

/** One identifier, or several under which the same resource is found. */
export type Ids<T> = ServiceIdentifier<T> | readonly [ServiceIdentifier<T>, ...Array<ServiceIdentifier<T>>];

export type IdList = ReadonlyArray<ServiceIdentifier<unknown>>;

/** A value or a factory under a key; neither where it was withdrawn. */
export class Entry<C> {
  value: unknown = undefined;
  factory: Factory<C> | undefined = undefined;
  /** Identifies the publication of the value to the part that may withdraw it. */
  publication: object | undefined = undefined;
  /** The component whose resource this was, after that was withdrawn. */
  withdrawnFrom: string | undefined = undefined;
  wasWithdrawn = false;

  constructor(
    readonly owner: PublishedResources<C>,
    readonly kind: 'value' | 'factory',
    /** What the key had before; a value wins over a factory, wherever in this chain. */
    readonly inherited: Entry<C> | undefined,
  ) {}

  get isEmpty(): boolean {
    return this.value === undefined && this.factory === undefined;
  }
}

/** The value of an entry, or of one that it inherits from. */
export function valueOf<C>(entry: Entry<C> | undefined): unknown {
  let at = entry;
  while (at !== undefined && at.value === undefined) at = at.inherited;
  return at?.value;
}

/** The factory of an entry, or of one that it inherits from. */
export function factoryOf<C>(entry: Entry<C> | undefined): Factory<C> | undefined {
  let at = entry;
  while (at !== undefined && at.factory === undefined) at = at.inherited;
  return at?.factory;
}

export class PublishedResources<C> {
  #table: ResourceTable<Entry<C>>;
  /** Only an own table may be changed; one that children read is shared, and one that a parent made is inherited. */
  #tableIs: 'own' | 'shared' | 'inherited';

  constructor(parent?: PublishedResources<C>) {
    if (parent) {
      this.#table = parent.#table;
      this.#tableIs = 'inherited';
      if (parent.#tableIs === 'own') parent.#tableIs = 'shared';
    } else {
      this.#table = new ResourceTable();
      this.#tableIs = 'own';
    }
  }

  get(id: ServiceIdentifier<unknown>, name: string): Entry<C> | undefined {
    return this.#table.get(id, name);
  }

  /** Whether a key has a value or a factory. */
  has({ id, name }: Key): boolean {
    const entry = this.get(id, name);
    return valueOf(entry) !== undefined || factoryOf(entry) !== undefined;
  }

  /** The component whose resource under the key was withdrawn. */
  withdrawnFrom({ id, name }: Key): string | undefined {
    let entry = this.get(id, name);
    while (entry !== undefined && entry.withdrawnFrom === undefined) entry = entry.inherited;
    return entry?.withdrawnFrom;
  }

  /** The entries of one identifier by name. */
  named(id: ServiceIdentifier<unknown>): Iterable<[name: string, entry: Entry<C>]> {
    return this.#table.named(id);
  }

  /** The keys that have a value or a factory. */
  *keys(): Iterable<Key> {
    for (const key of this.knownKeys()) if (this.has(key)) yield key;
  }

  /** Those that have been withdrawn as well. */
  *knownKeys(): Iterable<Key> {
    for (const [id, name] of this.#table.all()) yield { id, name };
  }

  /** @param publication - identifies it to {@link withdraw} */
  addValue(ids: IdList, name: string, value: unknown, publication?: object): void {
    for (const id of ids) {
      const entry = this.#entryFor(id, name, 'value');
      entry.value = value;
      entry.publication = publication;
    }
  }

  addFactory(ids: IdList, name: string, factory: Factory<C>): void {
    for (const id of ids) {
      const entry = this.#entryFor(id, name, 'factory');
      factory.isSuccessor ||= entry.wasWithdrawn;
      entry.factory = factory;
    }
  }

  /**
   * Withdraws a value, by its publication, or a factory. What was published under the keys since then stays.
   *
   * @param from - the component that stops, for messages
   */
  withdraw(ids: IdList, name: string, what: object, from: string): void {
    for (const id of ids) {
      for (let entry = this.get(id, name); entry?.owner === this; entry = entry.inherited) {
        if (entry.publication !== what && entry.factory !== what) continue;
        if (entry.factory !== undefined) entry.factory.withdrawnFrom = from;
        entry.value = entry.publication = entry.factory = undefined;
        entry.withdrawnFrom = from;
        entry.wasWithdrawn = true;
      }
    }
  }

  /** The own entry that was withdrawn, so that the contexts that have it see the successor; else a new one. */
  #entryFor(id: ServiceIdentifier<unknown>, name: string, kind: Entry<C>['kind']): Entry<C> {
    const found = this.get(id, name);
    for (let entry = found; entry?.owner === this; entry = entry.inherited) {
      if (!entry.isEmpty || entry.kind !== kind) continue;
      entry.withdrawnFrom = undefined;
      return entry;
    }
    const entry = new Entry(this, kind, found);
    this.#ownTable().set(id, name, entry);
    return entry;
  }

  /** The table that may be changed: what others read is copied, what is inherited is only covered. */
  #ownTable(): ResourceTable<Entry<C>> {
    if (this.#tableIs === 'shared') this.#table = this.#table.copy();
    if (this.#tableIs === 'inherited') this.#table = new ResourceTable(this.#table);
    this.#tableIs = 'own';
    return this.#table;
  }
}

/** The identifiers as a list, each checked, and the name. */
export function checkKeys<T>(ids: Ids<T>, name: string, where: string): ReadonlyArray<ServiceIdentifier<T>> {
  const list = (Array.isArray(ids) ? ids : [ids]) as ReadonlyArray<ServiceIdentifier<T>>;
  if (list.length === 0) throw new IdentifierError(where, list);
  for (const id of list) if (!isIdentifier(id)) throw new IdentifierError(where, id);
  checkName(name);
  return list;
}
