/**
 * What can be published and looked up in a context; the resource half of `Context`, which adds a life to it.
 *
 * A context sees the resources that its parent had when the context was made. Values made by factories belong to the
 * context that asked and are kept apart, which is why children never inherit them.
 */
import type { Container } from 'inversify';
import type { Ending, SubscriptionOwner } from '../signal/owned.ts';
import { Signal, signalsOf, type SignalOwner, type SubscriberFailure } from '../signal/signal.ts';
import { makeContainer } from './container.ts';
import type { ContextState, FactoryOptions, Made, ResourceAdded, ResourceOptions } from './context-options.ts';
import {
  AsyncResourceError,
  ContextStateError,
  ResourceConflictError,
  ResourceNotFoundError,
  ResourceValueError,
  type TeardownFailure,
} from './errors.ts';
import {
  defaultName,
  identifierName,
  IdentifierError,
  isIdentifier,
  keyText,
  type Key,
  type ServiceIdentifier,
} from './key.ts';
import { Factory, MadeResources, type Asking } from './made-resources.ts';
import { nearResources, type Searched } from './near-resources.ts';
import { Pending } from './pending.ts';
import { checkResourceType, checksAreOn } from './resource-type.ts';
import { checkKeys, factoryOf, PublishedResources, valueOf, type IdList, type Ids } from './published-resources.ts';
import type { Teardown, TeardownCallback, Yielding } from './teardown.ts';

/** @typeParam C - the context that this is the half of */
export abstract class ResourceScope<C extends Asking> implements Asking {
  readonly parent: ResourceScope<C> | undefined;
  readonly name: string;
  /** Whether values are compared with the classes that they are published as. @internal */
  readonly checksTypes: boolean;
  #state: ContextState = 'open';
  readonly #published: PublishedResources<C>;
  /** What factories made for this context. */
  #made: MadeResources<C> | undefined;
  #container: Container | undefined;
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
   * Tells of every resource and factory that is added to this context, after it can be looked up; completes when the
   * context has closed.
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
   * @throws {@link ResourceConflictError} when one of the keys is taken; then nothing was published.
   * @throws {@link ResourceTypeError} when it lacks methods of a class that it is published as; not in production
   */
  addResource<T>(ids: Ids<T>, value: NoInfer<T>, { name, dispose }: ResourceOptions<NoInfer<T>> = {}): void {
    const key = this.publish(ids, value, name);
    if (dispose) this.addTeardown(`dispose of ${identifierName(key.id)}`, (error) => dispose(value, error));
    this.adoptSignals(value, { key });
  }

  /**
   * Publishes a value without owning it. Messages call its provider `by`; `publication` identifies it to {@link withdraw}.
   *
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
      const isMade = factory !== undefined && this.#made?.has(factory);
      if (isMade === true || valueOf(entry) !== undefined) throw new ResourceConflictError({ id, name }, this.name);
    }
    this.#published.addValue(list, name, value, publication);
    this.announce(list, name, false);
    return { id: list[0]!, name };
  }

  /**
   * Publishes a factory: this context and the children opened later each get a value of their own from it, made when
   * it is first asked for. Requests at the same time share one call; a failure is not remembered. A published value
   * wins over a factory of the same key.
   *
   * @param make - is given the context that asked; a generator's code after `yield` runs when that context closes
   * @throws {@link ResourceConflictError} when one of the keys has a factory already.
   */
  addResourceFactory<T>(
    ids: Ids<T>,
    make: (context: C) => Made<NoInfer<T>>,
    options: FactoryOptions<NoInfer<T>> = {},
  ): void {
    this.publishFactory(ids, make, options);
  }

  /** Does what {@link addResourceFactory} does and returns what {@link withdraw} needs. @internal */
  publishFactory<T>(
    ids: Ids<T>,
    make: (context: C) => Made<NoInfer<T>>,
    { name = defaultName, dispose }: FactoryOptions<NoInfer<T>>,
    component?: SubscriptionOwner,
  ): Factory<C> {
    this.mustBeOpen('add a factory to');
    const list = checkKeys(ids, name, 'addResourceFactory()');
    const taken = list.find((id) => factoryOf(this.#published.get(id, name)));
    if (taken) throw new ResourceConflictError({ id: taken, name }, this.name);
    const factory = new Factory(list, name, make, dispose as Factory<C>['dispose'], component);
    this.#published.addFactory(list, name, factory);
    this.announce(list, name, true);
    return factory;
  }

  /** Withdraws a value, by its publication, or a factory from all contexts that see it; `from` has stopped. @internal */
  withdraw(ids: IdList, name: string, what: object, from: string): void {
    this.#published.withdraw(ids, name, what, from);
  }

  /**
   * The resource under a key, made by its factory if it must be.
   *
   * @throws {@link ResourceNotFoundError} when there is neither value nor factory.
   */
  getResource<T>(id: ServiceIdentifier<T>, name: string = defaultName): Promise<T> {
    // No async function, because that would add a promise to the one that a factory gives.
    try {
      const found = this.lookup(id, name);
      if (found === undefined) throw this.#notFound({ id, name });
      return (found instanceof Pending ? found.promise : Promise.resolve(found)) as Promise<T>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * The same, at once.
   *
   * @throws {@link AsyncResourceError} when the resource's factory is asynchronous and has not made it yet.
   */
  getResourceSync<T>(id: ServiceIdentifier<T>, name: string = defaultName): T {
    const found = this.lookup(id, name, 'at once');
    if (found === undefined) throw this.#notFound({ id, name });
    return found as T;
  }

  /** Like {@link getResourceSync}, but `undefined` where there is no such resource. */
  findResource<T>(id: ServiceIdentifier<T>, name: string = defaultName): T | undefined {
    return this.lookup(id, name, 'at once') as T | undefined;
  }

  /** The values under an identifier that are there already, by name; factories are not called. */
  getResources<T>(id: ServiceIdentifier<T>): ReadonlyMap<string, T> {
    this.mustNotBeClosed('look up resources in');
    if (!isIdentifier(id)) throw new IdentifierError('getResources()', id);
    const values = new Map<string, T>();
    for (const [name, entry] of this.#published.named(id)) {
      const factory = factoryOf(entry);
      const there = valueOf(entry) ?? (factory && this.#made?.made(factory));
      if (there !== undefined) values.set(name, there as T);
    }
    return values;
  }

  /** The keys that can be looked up, those of factories included. */
  keys(): Iterable<Key> {
    return this.#published.keys();
  }

  /** Those as well that may be there again, because a component that was stopped provided them. @internal */
  knownKeys(): Iterable<Key> {
    return this.#published.knownKeys();
  }

  /**
   * An inversify container over the resources of this context, made when it is first asked for. It serves classes
   * decorated with inversify's own decorators; the runtime itself does not use it.
   */
  get container(): Container {
    this.mustNotBeClosed('use the container of');
    return (this.#container ??= makeContainer(this));
  }

  /** Makes an instance of an inversify `@injectable` class from the resources of this context. */
  async resolve<T>(type: new (...args: never[]) => T): Promise<T> {
    const injectable = type as new (...args: unknown[]) => T;
    if (!this.container.isBound(injectable)) this.container.bind(injectable).toSelf();
    return this.container.getAsync(injectable);
  }

  /** Tells of a resource that can be looked up from now on. @internal */
  announce(ids: IdList, name: string, isFactory: boolean): void {
    this.#resourceAdded?.dispatch({ ids, name, isFactory });
  }

  /** Makes the signals of a value this context's own, except those made before `mark` or owned already. @internal */
  adoptSignals(value: unknown, of: { readonly key: Key }, mark = 0): void {
    // Most values have none, and a request's context has no time to look at the fields of all.
    if (!Signal.mayAdopt(mark) || typeof value !== 'object' || value === null || signalsOf(value).size === 0) return;
    const name = keyText(of.key);
    const complete = Signal.adopt(value, this.#signalOwner(name), mark);
    if (complete) this.addTeardown(`signals of ${name}`, complete);
  }

  #signalOwner(name: string): SignalOwner {
    return { name, onError: (failure) => this.subscriberFailed(failure) };
  }

  /**
   * The one lookup behind all getters: a value, undefined, or the {@link Pending} one of a factory at work, which is
   * refused where the value must be there at once.
   *
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
    // The one subclass is what factories are given.
    const made = (this.#made ??= new MadeResources<C>(this as unknown as C)).get(factory);
    if (when === 'at once' && made instanceof Pending) throw new AsyncResourceError({ id, name });
    return made;
  }

  /** Whether a factory is at work. @internal */
  protected get isMaking(): boolean {
    return this.#made?.isBusy ?? false;
  }

  /** Waits for the factories that are at work, each no longer than the limit; gives those that took longer. @internal */
  protected async allMade(limitMs: number | undefined): Promise<readonly TeardownFailure[]> {
    return this.#made!.settled(limitMs);
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
