/**
 * The resources that a context published or inherited. A context inherits the resources that its parent had when it was
 * opened. Opening a context copies nothing: both contexts read one table until one of them publishes (copy on write).
 *
 * Tables share their entries. When a component stops, the application withdraws its resources by clearing their
 * entries, so every open context loses them immediately. The entries stay in the tables. When the key is published
 * again, the new resource fills the same entry, and the contexts that had the old resource see the new one.
 *
 * This file does not call factories and does not know contexts.
 */
import type { IdList } from './check-key.ts';
import type { Key, ServiceIdentifier } from './key.ts';
import type { ResourceFactory } from './factory-cache.ts';
import { ResourceTable } from './resource-table.ts';

/** A value or a factory under a key, or neither after it was withdrawn. */
export class Entry<C> {
  value: unknown = undefined;
  factory: ResourceFactory<C> | undefined = undefined;
  /** Identifies the publication of the value; {@link PublishedResources.withdraw} compares it. */
  publication: object | undefined = undefined;
  /** The component whose resource was withdrawn, for messages. */
  withdrawnFrom: string | undefined = undefined;
  wasWithdrawn = false;

  constructor(
    readonly owner: PublishedResources<C>,
    readonly kind: 'value' | 'factory',
    /** The previous entry of the key. A value anywhere in this chain takes precedence over a factory. */
    readonly inherited: Entry<C> | undefined,
  ) {}

  get isEmpty(): boolean {
    return this.value === undefined && this.factory === undefined;
  }
}

/** Returns the value of an entry or of the nearest entry that it inherits from. */
export function valueOf<C>(entry: Entry<C> | undefined): unknown {
  let at = entry;
  while (at !== undefined && at.value === undefined) at = at.inherited;
  return at?.value;
}

/** Returns the factory of an entry or of the nearest entry that it inherits from. */
export function factoryOf<C>(entry: Entry<C> | undefined): ResourceFactory<C> | undefined {
  let at = entry;
  while (at !== undefined && at.factory === undefined) at = at.inherited;
  return at?.factory;
}

export class PublishedResources<C> {
  #table: ResourceTable<Entry<C>>;
  /** Only an own table may be modified. Children also read a shared table; an inherited one belongs to an ancestor. */
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

  /** Returns whether a key has a value or a factory. */
  has({ id, name }: Key): boolean {
    const entry = this.get(id, name);
    return valueOf(entry) !== undefined || factoryOf(entry) !== undefined;
  }

  /** Returns the component whose resource under the key was withdrawn. */
  withdrawnFrom({ id, name }: Key): string | undefined {
    let entry = this.get(id, name);
    while (entry !== undefined && entry.withdrawnFrom === undefined) entry = entry.inherited;
    return entry?.withdrawnFrom;
  }

  /** Returns the entries of an identifier with their names. */
  named(id: ServiceIdentifier<unknown>): Iterable<[name: string, entry: Entry<C>]> {
    return this.#table.named(id);
  }

  /** Yields the keys that have a value or a factory. */
  *keys(): Iterable<Key> {
    for (const key of this.knownKeys()) if (this.has(key)) yield key;
  }

  /** Yields all keys, including withdrawn ones. */
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

  addFactory(ids: IdList, name: string, factory: ResourceFactory<C>): void {
    for (const id of ids) {
      const entry = this.#entryFor(id, name, 'factory');
      factory.isSuccessor ||= entry.wasWithdrawn;
      entry.factory = factory;
    }
  }

  /**
   * Withdraws a value or a factory. Resources that were published under the keys later remain.
   *
   * @param what - the factory, or the object that identifies the publication of the value
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

  /** Returns this context's withdrawn entry, so that contexts that share it see the new resource, or a new entry. */
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

  /** Returns a table that may be modified: a copy of a shared table, or a new table on top of an inherited one. */
  #ownTable(): ResourceTable<Entry<C>> {
    if (this.#tableIs === 'shared') this.#table = this.#table.copy();
    if (this.#tableIs === 'inherited') this.#table = new ResourceTable(this.#table);
    this.#tableIs = 'own';
    return this.#table;
  }
}
