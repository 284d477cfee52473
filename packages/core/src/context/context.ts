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
import { nearMisses } from '../errors/near-misses.ts';
import { Signal } from '../signal/signal.ts';
import { makeContainer } from './container.ts';
import type {
  CloseOptions,
  ContextState,
  FactoryOptions,
  Made,
  ResourceAdded,
  ResourceOptions,
} from './context-options.ts';
import { actingIn } from './current.ts';
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
import { defaultName, identifierName, IdentifierError, isIdentifier, type Key, type ServiceIdentifier } from './key.ts';
import { Factory, MadeResources, type Asking } from './made-resources.ts';
import { Pending } from './pending.ts';
import { checkKeys, PublishedResources, type IdList, type Ids } from './published-resources.ts';
import { endTasks, startTask, type TaskHandle, type TaskOptions, type Work } from './task.ts';
import { TaskGroup, type TaskGroupOptions } from './task-group.ts';
import { TeardownStack, type Teardown, type TeardownCallback, type Unwinding, type Yielding } from './teardown.ts';

/** The work of a task; see {@link Context.startServiceTask}. */
export type TaskWork<S = void> = Work<Context, S>;

export class Context implements Asking {
  readonly parent: Context | undefined;
  readonly name: string;
  #state: ContextState = 'open';
  readonly #published: PublishedResources<Context>;
  /** What factories made for this context. */
  #made: MadeResources<Context> | undefined;
  readonly #teardowns = new TeardownStack();
  #openChildren = 0;
  #container: Container | undefined;
  #resourceAdded: Signal<ResourceAdded> | undefined;

  constructor(name = 'root', parent?: Context) {
    this.name = name;
    this.parent = parent;
    if (parent) {
      if (parent.#state === 'closed') throw new ContextStateError('open a child of', parent.name, 'closed');
      parent.#openChildren++;
    }
    this.#published = new PublishedResources(parent ? parent.#published : undefined);
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
  addResource<T>(ids: Ids<T>, value: NoInfer<T>, options: ResourceOptions<NoInfer<T>> = {}): void {
    this.#mustNotBeClosed('add a resource to');
    const { name = defaultName, dispose } = options;
    const list = checkKeys(ids, name, 'addResource()');
    if (value === null || value === undefined) throw new ResourceValueError(list[0]!, value, 'addResource()');
    for (const id of list) {
      const entry = this.#published.get(id, name);
      const isMade = entry?.factory !== undefined && this.#made?.has(entry.factory);
      if (isMade === true || entry?.value !== undefined) throw new ResourceConflictError({ id, name }, this.name);
    }
    this.#published.addValue(list, name, value);
    if (dispose) this.addTeardown(`dispose of ${identifierName(list[0]!)}`, (error) => dispose(value, error));
    this.announce(list, name, false);
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
    make: (context: Context) => Made<NoInfer<T>>,
    options: FactoryOptions<NoInfer<T>> = {},
  ): void {
    this.#mustBeOpen('add a factory to');
    const { name = defaultName, dispose } = options;
    const list = checkKeys(ids, name, 'addResourceFactory()');
    for (const id of list) {
      if (this.#published.get(id, name)?.factory) throw new ResourceConflictError({ id, name }, this.name);
    }
    this.#published.addFactory(list, name, new Factory(list, name, make, dispose as Factory<Context>['dispose']));
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
    this.#mustNotBeClosed('look up resources in');
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
    this.#mustNotBeClosed('use the container of');
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
    this.#mustNotBeClosed('add a teardown callback to');
    this.addTeardown(callback.name === '' ? 'a teardown callback' : callback.name, callback);
  }

  /**
   * Runs work in the background, in a child context of its own, until this context closes. The task is ended at its
   * place in the teardown order: before anything that was added before it is torn down.
   */
  startServiceTask<S = void>(work: TaskWork<S>, options: TaskOptions = {}): TaskHandle<S> {
    this.#mustBeOpen('start a task in');
    const handle = startTask(this, work, options, (error) => this.taskCrashed(error));
    const end = this.#teardowns.add(`task ${handle.name}`, () => endTasks(handle, options.teardown));
    void handle.finished().then(() => this.#teardowns.remove(end));
    return handle;
  }

  /**
   * Starts a group for tasks that come and go. Their contexts see what is there now; the group is ended at its place
   * in the teardown order, by waiting for the tasks that run then unless told otherwise.
   */
  startTaskGroup(options: TaskGroupOptions = {}): TaskGroup<Context> {
    this.#mustBeOpen('start a task group in');
    const { name = 'task group', teardown } = options;
    const own = this.child(name);
    const group = new TaskGroup<Context>(own, { ...options, name }, (error) => this.taskCrashed(error));
    this.#teardowns.add(name, async (error) => {
      try {
        await group.end(teardown);
      } finally {
        await own.close(error);
      }
    });
    return group;
  }

  /** An operator that completes an Observable when this context closes. */
  until<T>(): MonoTypeOperatorFunction<T> {
    this.#mustNotBeClosed('subscribe until the end of');
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
  async close(error?: unknown, { limitMs }: CloseOptions = {}): Promise<void> {
    if (this.#state === 'closed') return;
    if (this.#state === 'closing') throw new ContextStateError('close', this.name, 'closing');
    this.#state = 'closing';
    const failures: TeardownFailure[] = [];
    while (!this.#teardowns.isEmpty || this.#made?.isBusy) {
      if (this.#made?.isBusy) await this.#made.settled();
      await this.#unwind({
        endedBy: error,
        limitMs,
        failed: (thrown, label) => failures.push({ label, error: thrown }),
      });
    }
    if (this.#openChildren > 0) failures.push({ error: new ContextLeakError(this.name, this.#openChildren) });
    this.#state = 'closed';
    if (this.parent) this.parent.#openChildren--;
    if (this.#resourceAdded) Signal.complete(this.#resourceAdded);
    if (failures.length > 0) throw new TeardownError(this.name, failures, error);
  }

  /**
   * Calls a function with this context as the one that `currentContext()` of `@asphalt/core/ambient` gives. Who opens
   * a context with {@link child} and serves something in it calls this; {@link run} and the runtime do so by themselves.
   */
  enter<R>(call: (context: this) => R): R {
    return actingIn(this, call, this);
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

  /** Tells the teardowns that are there now from those that come later; for {@link unwindTo}. @internal */
  get teardownMark(): number {
    return this.#teardowns.mark;
  }

  /** Runs the teardowns that were added since `mark` and leaves the context open. @internal */
  async unwindTo(mark: number, endedBy: unknown, errors: unknown[]): Promise<void> {
    await this.#unwind({ endedBy, mark, failed: (thrown) => errors.push(thrown) });
  }

  #unwind(unwinding: Unwinding): Promise<void> {
    return actingIn(this, (stack) => stack.unwind(unwinding), this.#teardowns);
  }

  /** Has something undone when this context closes, under a name for messages. @internal */
  addTeardown(label: string, undo: TeardownCallback): void {
    this.#teardowns.add(label, undo);
  }

  /** @internal */
  pushTeardown(teardown: Teardown): void {
    this.#teardowns.push(teardown);
  }

  /** Has a generator's code after its `yield` run when this context closes. @internal */
  finishOnTeardown(generator: Yielding<unknown>, label: string): void {
    this.#teardowns.addRest(label, generator);
  }

  /** Tells of a resource that can be looked up from now on. @internal */
  announce(ids: IdList, name: string, isFactory: boolean): void {
    this.#resourceAdded?.dispatch({ ids, name, isFactory });
  }

  /**
   * The one lookup behind all getters: a value, undefined, or the {@link Pending} one of a factory at work, which is
   * refused where the value must be there at once.
   *
   * @internal
   */
  lookup(id: ServiceIdentifier<unknown>, name: string, when?: 'at once'): unknown {
    this.#mustNotBeClosed('look up a resource in');
    const entry = this.#published.get(id, name);
    if (entry === undefined) {
      if (!isIdentifier(id)) throw new IdentifierError('getResource()', id);
      return undefined;
    }
    if (entry.value !== undefined) return entry.value;
    const made = (this.#made ??= new MadeResources<Context>(this)).get(entry.factory!);
    if (when === 'at once' && made instanceof Pending) throw new AsyncResourceError({ id, name });
    return made;
  }

  #mustNotBeClosed(operation: string): void {
    if (this.#state === 'closed') throw new ContextStateError(operation, this.name, 'closed');
  }

  #mustBeOpen(operation: string): void {
    if (this.#state !== 'open') throw new ContextStateError(operation, this.name, this.#state);
  }

  #notFound(key: Key): ResourceNotFoundError {
    const keys = [...this.keys()];
    const wanted = identifierName(key.id);
    const others = keys.filter(({ id }) => id !== key.id).map(({ id }) => identifierName(id));
    let later = this.parent;
    while (later && !later.#published.get(key.id, key.name)) later = later.parent;
    return new ResourceNotFoundError(key, this.name, {
      otherNames: keys.filter(({ id }) => id === key.id).map(({ name }) => name),
      later: later?.name,
      similar: others.includes(wanted) ? [wanted] : nearMisses(wanted, others),
    });
  }
}

/** Runs a body in a context that it owns. Where teardown fails as well, its error holds the one of the body. */
async function runIn<R>(context: Context, body: (context: Context) => R | Promise<R>): Promise<R> {
  let result: R;
  try {
    result = await actingIn(context, body, context);
  } catch (error) {
    // Teardown takes `undefined` for a good end, so a body that threw nothing gets an error that says so.
    await context.close(error ?? new Error(`the body threw ${String(error)}`));
    throw error;
  }
  await context.close();
  return result;
}
