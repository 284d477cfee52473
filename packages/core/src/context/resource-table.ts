/**
 * A table of keys. Default-named entries stand in a map of their own because nearly every lookup asks for one; the
 * named ones are grouped by identifier, so that all resources of one identifier can be listed.
 */
import { defaultName, type ServiceIdentifier } from './key.ts';

type Id = ServiceIdentifier<unknown>;

export class ResourceTable<E> {
  readonly #unnamed: Map<Id, E>;
  readonly #named: Map<Id, Map<string, E>>;

  constructor(copied?: ResourceTable<E>) {
    this.#unnamed = new Map(copied ? copied.#unnamed : undefined);
    this.#named = new Map();
    if (copied) for (const [id, entries] of copied.#named) this.#named.set(id, new Map(entries));
  }

  get(id: Id, name: string): E | undefined {
    return name === defaultName ? this.#unnamed.get(id) : this.#named.get(id)?.get(name);
  }

  set(id: Id, name: string, entry: E): void {
    if (name === defaultName) {
      this.#unnamed.set(id, entry);
      return;
    }
    const entries = this.#named.get(id);
    if (entries) entries.set(name, entry);
    else this.#named.set(id, new Map([[name, entry]]));
  }

  delete(id: Id, name: string): void {
    if (name === defaultName) this.#unnamed.delete(id);
    else this.#named.get(id)?.delete(name);
  }

  /** The entries of one identifier by name. */
  *named(id: Id): Iterable<[name: string, entry: E]> {
    const unnamed = this.#unnamed.get(id);
    if (unnamed !== undefined) yield [defaultName, unnamed];
    yield* this.#named.get(id) ?? [];
  }

  /** All entries; what stands under several keys comes once for each. */
  *all(): Iterable<[id: Id, name: string, entry: E]> {
    for (const [id, entry] of this.#unnamed) yield [id, defaultName, entry];
    for (const [id, entries] of this.#named) for (const [name, entry] of entries) yield [id, name, entry];
  }
}
