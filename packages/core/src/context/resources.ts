/**
 * The resources of one context: publishing, withdrawing and lookup, and the signals of the values. This file must not
 * depend on `context.ts`.
 *
 * A context inherits the resources that its parent had when the context was opened. The value of a factory belongs to
 * the context that requested it, and is cached there. Children do not inherit it.
 */
import { nearMisses } from '../errors/near-misses.ts';
import type { SubscriptionOwner } from '../signal/scope.ts';
import { Signal, signalsOf } from '../signal/signal.ts';
import type { SignalOwner } from '../signal/subscriber-failure.ts';
import { checkKeys, type IdList, type Ids } from './check-key.ts';
import type { FactoryOptions, ResourceAdded } from './context-options.ts';
import type { TeardownFailure } from './errors.ts';
import { FactoryCache, Pending, type FactoryCall, type ValueReceiver } from './factory-cache.ts';
import { defaultName, identifierName, isIdentifier, keyText, type Key, type ServiceIdentifier } from './key.ts';
import { factoryOf, ResourceEntry, ResourceFactory, valueOf, withdrawnFrom } from './resource-entry.ts';
import {
  AsyncResourceError,
  IdentifierError,
  ResourceConflictError,
  ResourceNotFoundError,
  ResourceValueError,
  type NearResources,
  type PlannedProvider,
} from './resource-errors.ts';
import type { ClosingResources, Lifetime } from './lifetime.ts';
import { ResourceTable } from './resource-table.ts';
import { checkResourceType, checksAreOn } from './resource-type.ts';
import { isThenable } from './teardown.ts';

/** The context that owns the resources. */
export interface ResourceOwner<C extends ResourceOwner<C>> {
  readonly name: string;
  readonly parent: { readonly resources: Resources<C> } | undefined;
  /** Creates the owner of the signals of a resource, which receives the errors of their subscribers. */
  signalOwner(name: string): SignalOwner;
  /** Returns the context as the code of a factory sees it: its lookups pass the call. */
  viewFor(call: FactoryCall): object;
}

/** @typeParam C - the context, which factories receive */
export class Resources<C extends ResourceOwner<C>> implements ValueReceiver<C>, ClosingResources {
  readonly #context: C;
  readonly #lifetime: Lifetime;
  /** Whether values are checked against the classes that they are published as. */
  readonly #checksTypes: boolean;
  readonly #table: ResourceTable<ResourceEntry<C>>;
  /** Returns the component that declares to provide a key; set for the context of an application. */
  plannedProvider: ((key: Key) => PlannedProvider | undefined) | undefined;
  /** The values of factories for this context. */
  #cache: FactoryCache<C> | undefined;
  #added: Signal<ResourceAdded> | undefined;

  constructor(context: C, lifetime: Lifetime) {
    const parent = context.parent?.resources;
    this.#context = context;
    this.#lifetime = lifetime;
    this.#checksTypes = parent ? parent.#checksTypes : checksAreOn();
    this.#table = parent ? parent.#table.child() : new ResourceTable();
  }

  /** The name of the context. */
  get name(): string {
    return this.#context.name;
  }

  /** The signal behind `resourceAdded`. */
  get added(): Signal<ResourceAdded> {
    if (!this.#added) {
      this.#added = new Signal();
      Signal.adopt({ resourceAdded: this.#added }, this.#context.signalOwner(`context ${this.name}`));
      if (this.#lifetime.state === 'closed') Signal.complete(this.#added);
    }
    return this.#added;
  }

  end(): void {
    if (this.#added) Signal.complete(this.#added);
  }

  /** Publishes a value that the context owns. */
  add<T>(ids: Ids<T>, value: T, name: string, dispose: ((value: T, error?: unknown) => unknown) | undefined): void {
    const key = this.publish(ids, value, name);
    if (dispose) this.#lifetime.teardowns.add(`dispose of ${identifierName(key.id)}`, (error) => dispose(value, error));
    this.#adoptSignals(value, key, 0);
  }

  /**
   * Publishes a value without owning it.
   *
   * @param by - the source of the value, for messages
   * @param publication - identifies the value to {@link withdraw}
   */
  publish<T>(ids: Ids<T>, value: T, name: string, by = 'addResource()', publication?: object): Key {
    this.#lifetime.mustNotBeClosed('add a resource to');
    const list = checkKeys(ids, name, 'addResource()');
    if (value === null || value === undefined || isThenable(value)) throw new ResourceValueError(list[0]!, value, by);
    if (this.#checksTypes) checkResourceType(list, value, by);
    for (const id of list) {
      const entry = this.#table.get(id, name);
      const factory = factoryOf(entry);
      const isMade = factory !== undefined && this.#cache?.has(factory);
      if (isMade === true || valueOf(entry) !== undefined) {
        throw new ResourceConflictError({ id, name }, this.name);
      }
    }
    for (const id of list) {
      const entry = this.#entryFor(id, name, 'value');
      entry.value = value;
      entry.publication = publication;
    }
    this.#announce(list, name, false);
    return { id: list[0]!, name };
  }

  /** Publishes a factory; returns it for {@link withdraw}. */
  publishFactory<T>(
    ids: Ids<T>,
    make: (context: C) => unknown,
    { name = defaultName, dispose }: FactoryOptions<T>,
    component?: SubscriptionOwner,
  ): ResourceFactory<C> {
    this.#lifetime.mustBeOpen('add a factory to');
    const list = checkKeys(ids, name, 'addResourceFactory()');
    const taken = list.find((id) => factoryOf(this.#table.get(id, name)));
    if (taken) throw new ResourceConflictError({ id: taken, name }, this.name);
    const factory = new ResourceFactory(list, name, make, dispose as ResourceFactory<C>['dispose'], component);
    for (const id of list) {
      const entry = this.#entryFor(id, name, 'factory');
      factory.isSuccessor ||= entry.wasWithdrawn;
      entry.factory = factory;
    }
    this.#announce(list, name, true);
    return factory;
  }

  /** Returns this context's withdrawn entry, so that contexts that share it see the new resource, or a new entry. */
  #entryFor(id: ServiceIdentifier<unknown>, name: string, kind: ResourceEntry<C>['kind']): ResourceEntry<C> {
    const found = this.#table.get(id, name);
    for (let entry = found; entry?.owner === this; entry = entry.inherited) {
      if (!entry.isEmpty || entry.kind !== kind) continue;
      entry.withdrawnFrom = undefined;
      return entry;
    }
    const entry = new ResourceEntry<C>(this, kind, found);
    this.#table.set(id, name, entry);
    return entry;
  }

  /**
   * Withdraws a value or a factory from all contexts that have it. Resources that were published under the keys later
   * remain.
   *
   * @param what - the factory, or the object that identifies the publication of the value
   * @param from - the component that stops, for messages
   */
  withdraw(ids: IdList, name: string, what: object, from: string): void {
    for (const id of ids) {
      const found = this.#table.get(id, name);
      for (let entry = found; entry?.owner === this; entry = entry.inherited) entry.withdraw(what, from);
    }
  }

  /**
   * Returns the value under a key, `undefined`, or the {@link Pending} of a running factory. Calls the factory if
   * necessary.
   *
   * @param call - the call of the factory that looks up the key
   * @throws {@link AsyncResourceError} when the factory is still running and `when` is `'at once'`
   * @throws {@link FactoryCycleError} when the factory waits for the one that looks up its value
   */
  lookup(id: ServiceIdentifier<unknown>, name: string, when: 'at once' | undefined, call?: FactoryCall): unknown {
    this.#lifetime.mustNotBeClosed('look up a resource in');
    const entry = this.#table.get(id, name);
    if (entry === undefined) {
      if (!isIdentifier(id)) throw new IdentifierError('getResource()', id);
      return undefined;
    }
    if (entry.value !== undefined) return entry.value;
    const { inherited } = entry;
    const value = inherited && valueOf(inherited);
    if (value !== undefined) return value;
    const factory = entry.factory ?? factoryOf(inherited);
    if (factory === undefined) return undefined;
    const cache = (this.#cache ??= new FactoryCache(this.#context, this.#lifetime, this));
    const made = cache.get(factory);
    if (!(made instanceof Pending)) return made;
    if (when === 'at once') throw new AsyncResourceError({ id, name });
    cache.wait(factory, call);
    return made;
  }

  /** Returns the existing values under an identifier, by name. Does not call factories. */
  all<T>(id: ServiceIdentifier<T>): ReadonlyMap<string, T> {
    this.#lifetime.mustNotBeClosed('look up resources in');
    if (!isIdentifier(id)) throw new IdentifierError('getResources()', id);
    const values = new Map<string, T>();
    for (const [name, entry] of this.#table.named(id)) {
      const factory = factoryOf(entry);
      const value = valueOf(entry) ?? (factory && this.#cache?.made(factory));
      if (value !== undefined) values.set(name, value as T);
    }
    return values;
  }

  /** Yields the keys that have a value or a factory. */
  *keys(): Iterable<Key> {
    for (const key of this.knownKeys()) if (this.has(key)) yield key;
  }

  /** Yields all keys, including those of stopped components, which may publish them again. */
  *knownKeys(): Iterable<Key> {
    for (const [id, name] of this.#table.all()) yield { id, name };
  }

  /** Returns whether a key has a value or a factory. */
  has({ id, name }: Key): boolean {
    const entry = this.#table.get(id, name);
    return valueOf(entry) !== undefined || factoryOf(entry) !== undefined;
  }

  viewFor(call: FactoryCall): C {
    return this.#context.viewFor(call) as C;
  }

  receive(factory: ResourceFactory<C>, value: unknown, mark: number): void {
    if (this.#checksTypes) checkResourceType(factory.ids, value, `The factory of \`${factory.label}\``);
    // A factory that created no signal has none to adopt.
    if (Signal.mark > mark) this.#adoptSignals(value, factory.key, mark);
    this.#announce(factory.ids, factory.name, false);
  }

  /** Emits the event of a resource that can be looked up from now on. */
  #announce(ids: IdList, name: string, isFactory: boolean): void {
    this.#added?.dispatch({ ids, name, isFactory });
  }

  /** Adopts the signals of a value, except those created before `mark` and those that have an owner. */
  #adoptSignals(value: unknown, key: Key, mark: number): void {
    if (typeof value !== 'object' || value === null || signalsOf(value).size === 0) return;
    const name = keyText(key);
    const complete = Signal.adopt(value, this.#context.signalOwner(name), mark);
    if (complete) this.#lifetime.teardowns.add(`signals of ${name}`, complete);
  }

  /** The factories whose promises are unsettled, as named in messages. */
  get runningFactories(): string[] {
    return this.#cache?.running.map(({ description }) => description) ?? [];
  }

  get hasRunningFactories(): boolean {
    return this.#cache?.isBusy ?? false;
  }

  async settleFactories(limitMs: number | undefined): Promise<readonly TeardownFailure[]> {
    return this.#cache!.settled(limitMs);
  }

  /**
   * Creates the error of a missing resource, with the resources that are close to it.
   *
   * @param need - `'deferred'` if the lookup is that of a deferred need
   */
  notFound(key: Key, need?: 'deferred'): ResourceNotFoundError {
    return new ResourceNotFoundError(key, this.name, { ...this.#near(key), deferred: need === 'deferred' });
  }

  #near(key: Key): NearResources {
    const keys = [...this.keys()];
    const wanted = identifierName(key.id);
    const others = keys.filter(({ id }) => id !== key.id).map(({ id }) => identifierName(id));
    const chain = [...this.#withAncestors()];
    return {
      otherNames: keys.filter(({ id }) => id === key.id).map(({ name }) => name),
      later: chain.find((resources) => resources.has(key))?.name,
      stopped: chain
        .map((resources) => withdrawnFrom(resources.#table.get(key.id, key.name)))
        .find((from) => from !== undefined),
      planned: chain.map((resources) => resources.plannedProvider?.(key)).find((provider) => provider !== undefined),
      similar: others.includes(wanted) ? [wanted] : nearMisses(wanted, others),
    };
  }

  *#withAncestors(): Iterable<Resources<C>> {
    yield this;
    const { parent } = this.#context;
    if (parent) yield* parent.resources.#withAncestors();
  }
}
