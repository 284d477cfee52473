/**
 * Publishing and lookup: the base class of `Context`, which adds the lifecycle. This file must not depend on
 * `context.ts`.
 *
 * A context inherits the resources that its parent had when the context was opened. The value of a factory belongs to
 * the context that requested it, and is cached there. Children do not inherit it.
 */
import type { Ending, SubscriptionOwner } from '../signal/scope.ts';
import { Signal, signalsOf, type SignalOwner, type SubscriberFailure } from '../signal/signal.ts';
import type { ContextState, FactoryOptions, Made, ResourceAdded, ResourceOptions } from './context-options.ts';
import { ContextStateError, type TeardownFailure } from './errors.ts';
import { checkKeys, type IdList, type Ids } from './check-key.ts';
import { defaultName, identifierName, isIdentifier, keyText, type Key, type ServiceIdentifier } from './key.ts';
import { FactoryCache, ResourceFactory, type FactoryOwner } from './factory-cache.ts';
import { nearResources, type Searched } from './near-resources.ts';
import { Pending } from './pending.ts';
import { checkResourceType, checksAreOn } from './resource-type.ts';
import { factoryOf, PublishedResources, valueOf } from './published-resources.ts';
import {
  AsyncResourceError,
  IdentifierError,
  ResourceConflictError,
  ResourceNotFoundError,
  ResourceValueError,
} from './resource-errors.ts';
import type { Teardown, TeardownCallback, Yielding } from './teardown.ts';

/** @typeParam C - the subclass, which factories receive */
export abstract class ResourceScope<C extends FactoryOwner> implements FactoryOwner {
  readonly parent: ResourceScope<C> | undefined;
  readonly name: string;
  /** Whether values are checked against the classes that they are published as. @internal */
  readonly checksTypes: boolean;
  #state: ContextState = 'open';
  readonly #published: PublishedResources<C>;
  /** The values of factories for this context. */
  #cache: FactoryCache<C> | undefined;
  #resourceAdded: Signal<ResourceAdded> | undefined;

  constructor(name: string, parent: ResourceScope<C> | undefined) {
    this.name = name;
    this.parent = parent;
    this.checksTypes = parent ? parent.checksTypes : checksAreOn();
    this.#published = new PublishedResources(parent ? parent.#published : undefined);
  }

  abstract addTeardown(label: string, undo: TeardownCallback): void;
  abstract pushTeardown(teardown: Teardown): void;
  abstract finishOnTeardown(generator: Yielding<unknown>, label: string): void;
  abstract undoLate(): Promise<never>;
  abstract own(subscription: Ending): void;
  protected abstract subscriberFailed(failure: SubscriberFailure): void;

  get state(): ContextState {
    return this.#state;
  }

  /**
   * Emits an event for every value and factory that is added to this context, and for every value that a factory
   * creates, once it can be looked up. Completes when the context has closed.
   */
  get resourceAdded(): Signal<ResourceAdded> {
    if (!this.#resourceAdded) {
      this.#resourceAdded = new Signal();
      Signal.adopt({ resourceAdded: this.#resourceAdded }, this.#signalOwner(`context ${this.name}`));
      if (this.#state === 'closed') Signal.complete(this.#resourceAdded);
    }
    return this.#resourceAdded;
  }

  /**
   * Publishes a value under one or several identifiers. Children opened later inherit it; children already open do not.
   *
   * @throws {@link ResourceConflictError} when one of the keys is taken; nothing is published then
   * @throws {@link ResourceTypeError} when the value lacks methods of one of the classes; not in production
   */
  addResource<T>(ids: Ids<T>, value: NoInfer<T>, { name, dispose }: ResourceOptions<NoInfer<T>> = {}): void {
    const key = this.publish(ids, value, name);
    if (dispose) this.addTeardown(`dispose of ${identifierName(key.id)}`, (error) => dispose(value, error));
    this.adoptSignals(value, { key });
  }

  /**
   * Publishes a value without owning it.
   *
   * @param by - the source of the value, for messages
   * @param publication - identifies the value to {@link withdraw}
   * @internal
   */
  publish<T>(ids: Ids<T>, value: T, name: string = defaultName, by = 'addResource()', publication?: object): Key {
    this.mustNotBeClosed('add a resource to');
    const list = checkKeys(ids, name, 'addResource()');
    if (value === null || value === undefined) throw new ResourceValueError(list[0]!, value, by);
    if (this.checksTypes) checkResourceType(list, value, by);
    for (const id of list) {
      const entry = this.#published.get(id, name);
      const factory = factoryOf(entry);
      const isMade = factory !== undefined && this.#cache?.has(factory);
      if (isMade === true || valueOf(entry) !== undefined) throw new ResourceConflictError({ id, name }, this.name);
    }
    this.#published.addValue(list, name, value, publication);
    this.announce(list, name, false);
    return { id: list[0]!, name };
  }

  /**
   * Publishes a factory. This context and children opened later each have their own value, created on first lookup.
   * Concurrent lookups share one call. A failure is not cached. A published value takes precedence over a factory with
   * the same key.
   *
   * @param make - receives the context of the lookup; a generator's code after `yield` runs when that context closes
   * @throws {@link ResourceConflictError} when one of the keys already has a factory
   */
  addResourceFactory<T>(
    ids: Ids<T>,
    make: (context: C) => Made<NoInfer<T>>,
    options: FactoryOptions<NoInfer<T>> = {},
  ): void {
    this.publishFactory(ids, make, options);
  }

  /** Like {@link addResourceFactory}; returns the factory for {@link withdraw}. @internal */
  publishFactory<T>(
    ids: Ids<T>,
    make: (context: C) => Made<NoInfer<T>>,
    { name = defaultName, dispose }: FactoryOptions<NoInfer<T>>,
    component?: SubscriptionOwner,
  ): ResourceFactory<C> {
    this.mustBeOpen('add a factory to');
    const list = checkKeys(ids, name, 'addResourceFactory()');
    const taken = list.find((id) => factoryOf(this.#published.get(id, name)));
    if (taken) throw new ResourceConflictError({ id: taken, name }, this.name);
    const factory = new ResourceFactory(list, name, make, dispose as ResourceFactory<C>['dispose'], component);
    this.#published.addFactory(list, name, factory);
    this.announce(list, name, true);
    return factory;
  }

  /**
   * Withdraws a value or a factory from all contexts that have it.
   *
   * @param what - the factory, or the object that identifies the publication of the value
   * @param from - the stopped component, for messages
   * @internal
   */
  withdraw(ids: IdList, name: string, what: object, from: string): void {
    this.#published.withdraw(ids, name, what, from);
  }

  /**
   * Returns the resource under a key, and calls its factory if necessary.
   *
   * @throws {@link ResourceNotFoundError} when the key has neither a value nor a factory
   */
  getResource<T>(id: ServiceIdentifier<T>, name: string = defaultName): Promise<T> {
    try {
      const found = this.lookup(id, name);
      if (found === undefined) throw this.#notFound({ id, name });
      return (found instanceof Pending ? found.promise : Promise.resolve(found)) as Promise<T>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Returns the resource under a key synchronously, and calls its factory if necessary.
   *
   * @throws {@link ResourceNotFoundError} when the key has neither a value nor a factory
   * @throws {@link AsyncResourceError} when an asynchronous factory has not created the value yet
   */
  getResourceSync<T>(id: ServiceIdentifier<T>, name: string = defaultName): T {
    const found = this.lookup(id, name, 'at once');
    if (found === undefined) throw this.#notFound({ id, name });
    return found as T;
  }

  /** Like {@link getResourceSync}, but returns `undefined` when the key has neither a value nor a factory. */
  findResource<T>(id: ServiceIdentifier<T>, name: string = defaultName): T | undefined {
    return this.lookup(id, name, 'at once') as T | undefined;
  }

  /** Returns the existing values under an identifier, by name. Does not call factories. */
  getResources<T>(id: ServiceIdentifier<T>): ReadonlyMap<string, T> {
    this.mustNotBeClosed('look up resources in');
    if (!isIdentifier(id)) throw new IdentifierError('getResources()', id);
    const values = new Map<string, T>();
    for (const [name, entry] of this.#published.named(id)) {
      const factory = factoryOf(entry);
      const value = valueOf(entry) ?? (factory && this.#cache?.made(factory));
      if (value !== undefined) values.set(name, value as T);
    }
    return values;
  }

  /** Returns the keys that can be looked up, including those of factories. */
  keys(): Iterable<Key> {
    return this.#published.keys();
  }

  /** Returns all keys, including those of stopped components, for the container of inversify. @internal */
  knownKeys(): Iterable<Key> {
    this.mustNotBeClosed('use the container of');
    return this.#published.knownKeys();
  }

  /** Creates an instance of an inversify `@injectable` class from the resources of this context. */
  async resolve<T>(type: new (...args: never[]) => T): Promise<T> {
    const { resolveInjectable } = await import('./container.ts');
    return resolveInjectable(this, type);
  }

  /** Emits the event of a resource that can be looked up from now on. @internal */
  announce(ids: IdList, name: string, isFactory: boolean): void {
    this.#resourceAdded?.dispatch({ ids, name, isFactory });
  }

  /** Adopts the signals of a value, except those created before `mark` and those that have an owner. @internal */
  adoptSignals(value: unknown, of: { readonly key: Key }, mark = 0): void {
    // `mayAdopt` avoids the search of all fields for most values (decision 0034).
    if (!Signal.mayAdopt(mark) || typeof value !== 'object' || value === null || signalsOf(value).size === 0) return;
    const name = keyText(of.key);
    const complete = Signal.adopt(value, this.#signalOwner(name), mark);
    if (complete) this.addTeardown(`signals of ${name}`, complete);
  }

  #signalOwner(name: string): SignalOwner {
    return { name, onError: (failure) => this.subscriberFailed(failure) };
  }

  /**
   * Looks up a key; all getters use this. Returns the value, `undefined`, or the {@link Pending} of a running factory.
   *
   * @throws {@link AsyncResourceError} when the factory is still running and `when` is `'at once'`
   * @internal
   */
  lookup(id: ServiceIdentifier<unknown>, name: string, when?: 'at once'): unknown {
    this.mustNotBeClosed('look up a resource in');
    const entry = this.#published.get(id, name);
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
    // `this` is always the subclass C.
    const made = (this.#cache ??= new FactoryCache<C>(this as unknown as C)).get(factory);
    if (when === 'at once' && made instanceof Pending) throw new AsyncResourceError({ id, name });
    return made;
  }

  /** Whether a factory is running that `close()` must wait for. @internal */
  protected get hasRunningFactories(): boolean {
    return this.#cache?.isBusy ?? false;
  }

  /** Waits for the running factories; returns a failure for each that exceeded the limit. @internal */
  protected async settleFactories(limitMs: number | undefined): Promise<readonly TeardownFailure[]> {
    return this.#cache!.settled(limitMs);
  }

  protected enterState(state: 'closing' | 'closed'): void {
    this.#state = state;
    if (state === 'closed' && this.#resourceAdded) Signal.complete(this.#resourceAdded);
  }

  protected mustNotBeClosed(operation: string): void {
    if (this.#state === 'closed') throw this.stateError(operation, 'closed');
  }

  protected mustBeOpen(operation: string): void {
    if (this.#state !== 'open') throw this.stateError(operation, this.#state);
  }

  protected stateError(operation: string, state: 'closing' | 'closed'): ContextStateError {
    return new ContextStateError(operation, this.name, state);
  }

  #notFound(key: Key): ResourceNotFoundError {
    const contexts: Searched[] = [{ name: this.name, published: this.#published }];
    for (let above = this.parent; above; above = above.parent) {
      contexts.push({ name: above.name, published: above.#published });
    }
    return new ResourceNotFoundError(key, this.name, nearResources(key, contexts));
  }
}
