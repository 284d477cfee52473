/**
 * What can be published and looked up in a context; the resource half of `Context`, which adds a life to it.
 *
 * A context sees the resources that its parent had when the context was made. Values made by factories belong to the
 * context that asked and are kept apart, which is why children never inherit them.
 */
import type { Container } from 'inversify';
import { nearMisses } from '../errors/near-misses.ts';
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
import { Pending } from './pending.ts';
import { checkResourceType, checksAreOn } from './resource-type.ts';
import { checkKeys, PublishedResources, type IdList, type Ids } from './published-resources.ts';
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
   * Publishes a value whose teardown, and whose signals, are the business of somebody else.
   *
   * @param by - who gives the value, as messages call it
   * @internal
   */
  publish<T>(ids: Ids<T>, value: T, name: string = defaultName, by: string = 'addResource()'): Key {
    this.mustNotBeClosed('add a resource to');
    const list = checkKeys(ids, name, 'addResource()');
    if (value === null || value === undefined) throw new ResourceValueError(list[0]!, value, by);
    if (this.checksTypes) checkResourceType(list, value, by);
    for (const id of list) {
      const entry = this.#published.get(id, name);
      const isMade = entry?.factory !== undefined && this.#made?.has(entry.factory);
      if (isMade === true || entry?.value !== undefined) throw new ResourceConflictError({ id, name }, this.name);
    }
    this.#published.addValue(list, name, value);
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
    this.mustBeOpen('add a factory to');
    const { name = defaultName, dispose } = options;
    const list = checkKeys(ids, name, 'addResourceFactory()');
    for (const id of list) {
      if (this.#published.get(id, name)?.factory) throw new ResourceConflictError({ id, name }, this.name);
    }
    this.#published.addFactory(list, name, new Factory(list, name, make, dispose as Factory<C>['dispose']));
    this.announce(list, name, true);
  }

  /** Takes back a value that was published under the given keys; for a part of an application that stops. @internal */
  removeResource(ids: IdList, name: string): void {
    this.#published.removeValue(ids, name);
  }

  /** Takes back a factory in the same way; what it made stays with the contexts that asked. @internal */
  removeResourceFactory(ids: IdList, name: string): void {
    this.#published.removeFactory(ids, name);
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
    for (const [name, { value, factory }] of this.#published.named(id)) {
      const there = value ?? (factory && this.#made?.made(factory));
      if (there !== undefined) values.set(name, there as T);
    }
    return values;
  }

  /** The keys that can be looked up, those of factories included. */
  keys(): Iterable<Key> {
    return this.#published.keys();
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

  /**
   * Makes the signals of a value this context's own: they complete when it closes. What was made before `mark`, or
   * has an owner, stays as it is.
   *
   * @internal
   */
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
    // The one subclass is what factories are given.
    const made = (this.#made ??= new MadeResources<C>(this as unknown as C)).get(entry.factory!);
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
    if (this.#state === 'closed') throw new ContextStateError(operation, this.name, 'closed');
  }

  protected mustBeOpen(operation: string): void {
    if (this.#state !== 'open') throw new ContextStateError(operation, this.name, this.#state);
  }

  #notFound(key: Key): ResourceNotFoundError {
    const keys = [...this.keys()];
    const wanted = identifierName(key.id);
    const others = keys.filter(({ id }) => id !== key.id).map(({ id }) => identifierName(id));
    let later: ResourceScope<C> | undefined = this.parent;
    while (later && !later.#published.get(key.id, key.name)) later = later.parent;
    return new ResourceNotFoundError(key, this.name, {
      otherNames: keys.filter(({ id }) => id === key.id).map(({ name }) => name),
      later: later?.name,
      similar: others.includes(wanted) ? [wanted] : nearMisses(wanted, others),
    });
  }
}
