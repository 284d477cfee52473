/**
 * Contexts: where resources are looked up, and the owners of everything that must be torn down.
 *
 * A context sees the resources that its parent had when the context was made. Tables are shared between parent and
 * child until one of them publishes something (copy on write), so opening a context copies nothing. Values made by
 * factories belong to the context that asked and are kept apart, which is why children never inherit them.
 *
 * Contexts know nothing of components. The application publishes what components provide by calling them.
 */
import { ReplaySubject, takeUntil, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import type { Container } from 'inversify';
import { Signal, signalsOf, warnOfFailure, type SignalOwner, type SubscriberFailure } from '../signal/signal.ts';
import { makeContainer } from './container.ts';
import {
  AsyncResourceError,
  ContextLeakError,
  ContextStateError,
  ResourceConflictError,
  ResourceNotFoundError,
  ResourceValueError,
  TeardownError,
  type TeardownFailure,
} from './errors.ts';
import {
  checkName,
  defaultName,
  identifierName,
  IdentifierError,
  isIdentifier,
  keyText,
  type Key,
  type ServiceIdentifier,
} from './key.ts';
import { MadeResources, type Factory } from './made-resources.ts';
import { Pending } from './pending.ts';
import { ResourceTable } from './resource-table.ts';
import { startTask, type TaskHandle, type TaskOptions, type TaskWork } from './task.ts';
import { finishGenerator, unwind, type Teardown, type TeardownCallback, type Yielding } from './teardown.ts';

export type ContextState = 'open' | 'closing' | 'closed';

/** What a factory may give: the value, a promise of it, or a generator that yields it and then tears it down. */
export type Made<T> = T | Promise<T> | Generator<T, unknown, unknown> | AsyncGenerator<T, unknown, unknown>;

export interface ResourceOptions<T> {
  /** @default 'default' */
  readonly name?: string;
  /** Runs when the context closes; is told the error that ended it. */
  readonly dispose?: (value: T, error?: unknown) => unknown;
}

export interface FactoryOptions {
  /** @default 'default' */
  readonly name?: string;
}

/** Told by `resourceAdded` for every value, also those that factories make. */
export interface ResourceAdded {
  readonly ids: ReadonlyArray<ServiceIdentifier<unknown>>;
  readonly name: string;
  readonly isFactory: boolean;
}

type Ids<T> = ServiceIdentifier<T> | readonly [ServiceIdentifier<T>, ...Array<ServiceIdentifier<T>>];

/** What stands under a key; a value wins over a factory of the same key. */
interface Entry {
  readonly value: unknown;
  readonly factory: Factory | undefined;
}

export class Context {
  readonly parent: Context | undefined;
  readonly name: string;
  #state: ContextState = 'open';
  #table: ResourceTable<Entry>;
  /** Only an own table may be changed; one that children read is shared, and one that a parent made is inherited. */
  #tableIs: 'own' | 'shared' | 'inherited';
  /** What factories made for this context. */
  #made: MadeResources | undefined;
  readonly #teardowns: Teardown[] = [];
  #openChildren = 0;
  #container: Container | undefined;
  #resourceAdded: Signal<ResourceAdded> | undefined;

  constructor(name = 'root', parent?: Context) {
    this.name = name;
    this.parent = parent;
    if (parent) {
      if (parent.#state === 'closed') throw new ContextStateError('open a child of', parent.name, 'closed');
      this.#table = parent.#table;
      this.#tableIs = 'inherited';
      if (parent.#tableIs === 'own') parent.#tableIs = 'shared';
      parent.#openChildren++;
    } else {
      this.#table = new ResourceTable();
      this.#tableIs = 'own';
    }
  }

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

  /** Opens a context that sees what this one has now. Whoever opens it closes it. */
  child(name = 'child'): Context {
    return new Context(name, this);
  }

  /** Runs a body in a child context and closes it: with the error of the body, if it fails. */
  async run<R>(body: (context: Context) => R | Promise<R>, name?: string): Promise<R> {
    return runIn(this.child(name), body);
  }

  /** Runs a body in a context without parent and closes it: with the error of the body, if it fails. */
  static async run<R>(body: (context: Context) => R | Promise<R>, name?: string): Promise<R> {
    return runIn(new Context(name), body);
  }

  /**
   * Publishes a value under one or several identifiers. Children opened later inherit it; children already open do not.
   *
   * @throws {@link ResourceConflictError} when one of the keys is taken; then nothing was published.
   */
  addResource<T>(ids: Ids<T>, value: NoInfer<T>, { name, dispose }: ResourceOptions<NoInfer<T>> = {}): void {
    const key = this.publish(ids, value, name);
    if (dispose) this.addTeardown(`dispose of ${identifierName(key.id)}`, (error) => dispose(value, error));
    this.adoptSignals(value, key);
  }

  /** Publishes a value whose teardown, and whose signals, are the business of somebody else. @internal */
  publish<T>(ids: Ids<T>, value: T, name: string = defaultName): Key {
    this.#mustNotBe('closed', 'add a resource to');
    const list = checkIds(ids, 'addResource()');
    checkName(name);
    if (value === null || value === undefined) throw new ResourceValueError(list[0]!, value, 'addResource()');
    for (const id of list) {
      if (this.#table.get(id, name)?.value !== undefined || this.#made?.get(id, name) !== undefined) {
        throw new ResourceConflictError({ id, name }, this.name);
      }
    }
    const table = this.#ownTable();
    for (const id of list) table.set(id, name, { value, factory: table.get(id, name)?.factory });
    this.announce({ ids: list, name, isFactory: false });
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
  addResourceFactory<T>(ids: Ids<T>, make: (context: Context) => Made<NoInfer<T>>, options: FactoryOptions = {}): void {
    if (this.#state !== 'open') throw new ContextStateError('add a factory to', this.name, this.#state);
    const { name = defaultName } = options;
    const list = checkIds(ids, 'addResourceFactory()');
    checkName(name);
    for (const id of list) {
      if (this.#table.get(id, name)?.factory) throw new ResourceConflictError({ id, name }, this.name);
    }
    const factory: Factory = { ids: list, name, label: keyText({ id: list[0]!, name }), make };
    const table = this.#ownTable();
    for (const id of list) table.set(id, name, { value: table.get(id, name)?.value, factory });
    this.announce({ ids: list, name, isFactory: true });
  }

  /** Takes back what was published under the given keys; for the subgraph of an application that stops. @internal */
  removeResource(ids: ReadonlyArray<ServiceIdentifier<unknown>>, name: string): void {
    const table = this.#ownTable();
    for (const id of ids) table.delete(id, name);
  }

  /**
   * The resource under a key, made by its factory if it must be.
   *
   * @throws {@link ResourceNotFoundError} when there is neither value nor factory.
   */
  async getResource<T>(id: ServiceIdentifier<T>, name: string = defaultName): Promise<T> {
    const found = this.lookup(id, name);
    if (found === undefined) throw this.#notFound({ id, name });
    return (found instanceof Pending ? await found.promise : found) as T;
  }

  /**
   * The same, at once.
   *
   * @throws {@link AsyncResourceError} when the resource's factory is asynchronous and has not made it yet.
   */
  getResourceSync<T>(id: ServiceIdentifier<T>, name: string = defaultName): T {
    const found = this.findResource(id, name);
    if (found === undefined) throw this.#notFound({ id, name });
    return found;
  }

  /** Like {@link getResourceSync}, but `undefined` where there is no such resource. */
  findResource<T>(id: ServiceIdentifier<T>, name: string = defaultName): T | undefined {
    const found = this.lookup(id, name);
    if (found instanceof Pending) throw new AsyncResourceError({ id, name });
    return found as T | undefined;
  }

  /** The values under an identifier that are there already, by name; factories are not called. */
  getResources<T>(id: ServiceIdentifier<T>): ReadonlyMap<string, T> {
    this.#mustNotBe('closed', 'look up resources in');
    if (!isIdentifier(id)) throw new IdentifierError('getResources()', id);
    const values = new Map<string, T>();
    for (const [name, { value }] of this.#table.named(id)) if (value !== undefined) values.set(name, value as T);
    for (const [name, value] of this.#made?.named(id) ?? []) {
      if (!values.has(name) && !(value instanceof Pending)) values.set(name, value as T);
    }
    return values;
  }

  /** The keys that can be looked up, those of factories included. */
  *keys(): Iterable<Key> {
    for (const [id, name] of this.#table.all()) yield { id, name };
  }

  /**
   * An inversify container over the resources of this context, made when it is first asked for. It serves classes
   * decorated with inversify's own decorators; the runtime itself does not use it.
   */
  get container(): Container {
    this.#mustNotBe('closed', 'use the container of');
    return (this.#container ??= makeContainer(this));
  }

  /** Makes an instance of an inversify `@injectable` class from the resources of this context. */
  async resolve<T>(type: new (...args: never[]) => T): Promise<T> {
    const injectable = type as new (...args: unknown[]) => T;
    if (!this.container.isBound(injectable)) this.container.bind(injectable).toSelf();
    return this.container.getAsync(injectable);
  }

  /** Has a callback run when this context closes, before those that were added earlier. */
  onTeardown(callback: TeardownCallback): void {
    this.#mustNotBe('closed', 'add a teardown callback to');
    this.addTeardown(callback.name === '' ? 'a teardown callback' : callback.name, callback);
  }

  /**
   * Runs work in the background, in a child context of its own, until this context closes. The task is ended at its
   * place in the teardown order: before anything that was added before it is torn down.
   */
  startServiceTask(work: TaskWork, options: TaskOptions): TaskHandle {
    if (this.#state !== 'open') throw new ContextStateError('start a task in', this.name, this.#state);
    const { handle, teardown } = startTask(this, work, options, (error) => this.taskCrashed(error));
    this.#teardowns.push(teardown);
    return handle;
  }

  /** An operator that completes an Observable when this context closes. */
  until<T>(): MonoTypeOperatorFunction<T> {
    this.#mustNotBe('closed', 'subscribe until the end of');
    // Remembers, for those who use the operator only after the context has closed.
    const closing = new ReplaySubject<void>(1);
    this.addTeardown('until()', () => closing.next());
    return (source: Observable<T>) => source.pipe(takeUntil(closing));
  }

  /**
   * Ends this context: waits for what factories are making, then runs everything that was added with `onTeardown`,
   * last in first out, each told `error`. Meanwhile resources can be looked up and added. Closing it again does nothing.
   *
   * @throws {@link TeardownError} when some of it failed; the rest ran nevertheless.
   */
  async close(error?: unknown): Promise<void> {
    if (this.#state === 'closed') return;
    if (this.#state === 'closing') throw new ContextStateError('close', this.name, 'closing');
    this.#state = 'closing';
    const failures: TeardownFailure[] = [];
    while (this.#teardowns.length > 0 || this.#made?.isBusy) {
      if (this.#made?.isBusy) await this.#made.settled();
      await unwind(this.#teardowns, 0, error, (thrown, label) => failures.push({ label, error: thrown }));
    }
    if (this.#openChildren > 0) failures.push({ error: new ContextLeakError(this.name, this.#openChildren) });
    this.#state = 'closed';
    if (this.parent) this.parent.#openChildren--;
    if (this.#resourceAdded) Signal.complete(this.#resourceAdded);
    if (failures.length > 0) throw new TeardownError(this.name, failures, error);
  }

  /** Lets `await using` close the context; the language does not tell it whether the block failed, {@link run} does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Hears of a task that failed; an application overrides it and stops. @internal */
  protected taskCrashed(error: unknown): void {
    if (this.parent) this.parent.taskCrashed(error);
    // Nobody else would hear of it: a rejection that nobody handles ends the process, as a crash should.
    else void Promise.reject(error);
  }

  /** Hears of subscribers that throw; an application overrides it and reports them. @internal */
  protected subscriberFailed(failure: SubscriberFailure): void {
    if (this.parent) this.parent.subscriberFailed(failure);
    else warnOfFailure(failure.error);
  }

  /** Makes the signals of a value this context's own, unless they have an owner: they complete when it closes. @internal */
  adoptSignals(value: unknown, key: Key): void {
    // Most values have none, and a request's context has no time to lose.
    if (typeof value !== 'object' || value === null || signalsOf(value).size === 0) return;
    const complete = Signal.adopt(value, this.#signalOwner(keyText(key)));
    if (complete) this.addTeardown(`signals of ${keyText(key)}`, complete);
  }

  #signalOwner(name: string): SignalOwner {
    return { name, onError: (failure) => this.subscriberFailed(failure) };
  }

  /** How many teardowns wait; a mark for {@link unwindTo}. @internal */
  get teardownMark(): number {
    return this.#teardowns.length;
  }

  /** Runs the teardowns that were added since `mark` and leaves the context open. @internal */
  async unwindTo(mark: number, error: unknown, errors: unknown[]): Promise<void> {
    await unwind(this.#teardowns, mark, error, (thrown) => errors.push(thrown));
  }

  /** Has something undone when this context closes, under a name for messages. @internal */
  addTeardown(label: string, undo: TeardownCallback): void {
    this.#teardowns.push({ label, undo });
  }

  /** Has a generator's code after its `yield` run when this context closes. @internal */
  finishOnTeardown(generator: Yielding<unknown>, label: string): void {
    this.#teardowns.push(finishGenerator(generator, label));
  }

  /** Tells of a resource that can be looked up from now on. @internal */
  announce(event: ResourceAdded): void {
    this.#resourceAdded?.dispatch(event);
  }

  /** The one lookup behind all getters: a value, what is becoming one, or undefined. @internal */
  lookup(id: ServiceIdentifier<unknown>, name: string): unknown {
    this.#mustNotBe('closed', 'look up a resource in');
    const entry = this.#table.get(id, name);
    const found = entry?.value ?? this.#made?.get(id, name);
    if (found !== undefined) return found;
    if (entry?.factory) return (this.#made ??= new MadeResources(this)).make(entry.factory);
    if (!isIdentifier(id)) throw new IdentifierError('getResource()', id);
    return undefined;
  }

  /** The table that may be changed: what others read is copied, what is inherited is only covered. */
  #ownTable(): ResourceTable<Entry> {
    if (this.#tableIs === 'shared') this.#table = this.#table.copy();
    if (this.#tableIs === 'inherited') this.#table = new ResourceTable(this.#table);
    this.#tableIs = 'own';
    return this.#table;
  }

  #mustNotBe(state: 'closed', operation: string): void {
    if (this.#state === state) throw new ContextStateError(operation, this.name, state);
  }

  #notFound(key: Key): ResourceNotFoundError {
    return new ResourceNotFoundError(
      key,
      this.name,
      Array.from(this.#table.named(key.id), ([name]) => name),
    );
  }
}

/** Runs a body in a context that it owns. Where teardown fails as well, its error holds the one of the body. */
async function runIn<R>(context: Context, body: (context: Context) => R | Promise<R>): Promise<R> {
  let result: R;
  try {
    result = await body(context);
  } catch (error) {
    // Teardown takes `undefined` for a good end, so a body that threw nothing gets an error that says so.
    await context.close(error ?? new Error(`the body threw ${String(error)}`));
    throw error;
  }
  await context.close();
  return result;
}

function checkIds<T>(ids: Ids<T>, where: string): ReadonlyArray<ServiceIdentifier<T>> {
  const list = (Array.isArray(ids) ? ids : [ids]) as ReadonlyArray<ServiceIdentifier<T>>;
  if (list.length === 0) throw new IdentifierError(where, list);
  for (const id of list) if (!isIdentifier(id)) throw new IdentifierError(where, id);
  return list;
}
