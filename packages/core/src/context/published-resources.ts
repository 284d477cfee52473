/**
 * What a context and its ancestors published. A context sees what its parent had when it was opened, and opening it
 * copies nothing: both read one table until one of them publishes something (copy on write).
 */
import { checkName, IdentifierError, isIdentifier, type Key, type ServiceIdentifier } from './key.ts';
import type { Factory } from './made-resources.ts';
import { ResourceTable } from './resource-table.ts';

/** One identifier, or several under which the same resource is found. */
export type Ids<T> = ServiceIdentifier<T> | readonly [ServiceIdentifier<T>, ...Array<ServiceIdentifier<T>>];

export type IdList = ReadonlyArray<ServiceIdentifier<unknown>>;

/** What stands under a key; a value wins over a factory of the same key. */
export interface Entry<C> {
  readonly value: unknown;
  readonly factory: Factory<C> | undefined;
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

  /** The entries of one identifier by name. */
  named(id: ServiceIdentifier<unknown>): Iterable<[name: string, entry: Entry<C>]> {
    return this.#table.named(id);
  }

  *keys(): Iterable<Key> {
    for (const [id, name] of this.#table.all()) yield { id, name };
  }

  addValue(ids: IdList, name: string, value: unknown): void {
    this.#change(ids, name, (entry) => ({ value, factory: entry?.factory }));
  }

  addFactory(ids: IdList, name: string, factory: Factory<C>): void {
    this.#change(ids, name, (entry) => ({ value: entry?.value, factory }));
  }

  /** Takes values back; the factories of their keys stay. */
  removeValue(ids: IdList, name: string): void {
    this.#change(ids, name, (entry) => entry?.factory && { value: undefined, factory: entry.factory });
  }

  /** Takes factories back; the values of their keys stay. */
  removeFactory(ids: IdList, name: string): void {
    this.#change(ids, name, (entry) => (entry?.value === undefined ? undefined : { ...entry, factory: undefined }));
  }

  #change(ids: IdList, name: string, change: (entry: Entry<C> | undefined) => Entry<C> | undefined): void {
    const table = this.#ownTable();
    for (const id of ids) {
      const entry = change(table.get(id, name));
      if (entry) table.set(id, name, entry);
      else table.delete(id, name);
    }
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
