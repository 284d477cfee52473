/**
 * A context owns everything that needs teardown: resources, a teardown stack, tasks and a cancellation. This file connects
 * them. It must not depend on components. The application publishes their resources by calling contexts.
 */
import type { MonoTypeOperatorFunction } from 'rxjs';
import type { Signal } from '../signal/signal.ts';
import type { SignalOwner } from '../signal/subscriber-failure.ts';
import { until } from '../signal/until.ts';
import type { Ids } from './check-key.ts';
import type { ContextState } from './context-options.ts';
import type { CloseOptions, FactoryOptions, Made, ResourceAdded, ResourceOptions } from './context-options.ts';
import { actingIn, keepsCurrent, runIn } from './current.ts';
import { Pending, type FactoryCall } from './factory-cache.ts';
import { defaultName, nameOf, type Key, type ServiceIdentifier } from './key.ts';
import { Resources } from './resources.ts';
import { Lifetime } from './lifetime.ts';
import { endWithCrash, runUntilCrash } from './run.ts';
import { startServiceTask, type TaskHandle, type TaskOptions, type Work } from './task.ts';
import { startTaskGroup, type TaskGroup, type TaskGroupOptions } from './task-group.ts';

/** The work of a task; see {@link Context.startServiceTask}. */
export type TaskWork<S = void> = Work<Context, S>;

/** The requesting context and the call of the factory that receives it: the lookups of the factory name the call. */
type ContextView = { readonly of: Context; readonly call: FactoryCall };

export class Context {
  readonly parent: Context | undefined;
  readonly name: string;
  /** State, abort signal, teardowns and open children. @internal */
  readonly lifetime: Lifetime;
  /** Published values and factories. @internal */
  readonly resources: Resources<Context>;
  /** The context that this one shows to a factory. @internal */
  declare readonly view: ContextView | undefined;

  constructor(name?: string, parent?: Context);
  /** @internal */
  constructor(name?: string, parent?: Context, view?: ContextView);
  constructor(name = 'root', parent?: Context, view?: ContextView) {
    this.name = name;
    this.parent = parent;
    if (view) this.view = view;
    this.lifetime = view ? view.of.lifetime : new Lifetime(this, parent?.lifetime);
    this.resources = view ? view.of.resources : new Resources<Context>(this, this.lifetime);
  }

  get state(): ContextState {
    return this.lifetime.state;
  }

  /**
   * Aborts when this context or an ancestor is cancelled, or when this context starts to close. The reason is that of
   * {@link cancel} or the error of {@link close}. A child that a teardown opens while its parent closes ignores its parent.
   */
  get abort(): AbortSignal {
    return this.lifetime.abortSignal;
  }

  /** Whether this context or an ancestor was cancelled. Reading it creates no signal. */
  get isCancelled(): boolean {
    return this.lifetime.isCancelled;
  }

  /**
   * Aborts the signals of this context and its descendants, by default with an `AbortError` that names the context. The
   * context stays open. Does nothing if it was cancelled before or is closed.
   */
  cancel(reason?: unknown): void {
    this.lifetime.cancel(reason);
  }

  /**
   * Reports an error that no caller receives: to `onError` of the `@on` handler whose event the context belongs to, otherwise
   * to that of the application. Outside of an application, it emits a process warning.
   */
  report(error: unknown): void {
    this.lifetime.report(error);
  }

  /** Ids for log lines, as in `logger.child(context.ids)`: its name with a number, and those of {@link setId}. */
  get ids(): Readonly<Record<string, string>> {
    return this.lifetime.ids;
  }

  /** Adds an id, such as that of a request, to the {@link ids} of this context and its descendants. */
  setId(kind: string, id: string): void {
    this.lifetime.setId(kind, id);
  }

  /** Opens a child context, which inherits the resources that this context has now. The caller must close it. */
  child(name = 'child'): Context {
    return new Context(name, this.view?.of ?? this);
  }

  /**
   * Runs a function in a child context, then closes it. If the function throws, `close()` receives its error. Outside of
   * an application, so does the crash of a task: the context closes without waiting for the function.
   */
  run<R>(body: (context: Context) => R | Promise<R>, name?: string): Promise<R> {
    const open = (): Context => this.child(name);
    const { lifetime } = this;
    return lifetime.isHosted ? runIn(open, body) : runUntilCrash(open, body, (lifetime.runs ??= new Set()));
  }

  /** Like {@link run}, but only its own end and that of the task end it. @internal */
  runTask<R>(body: (context: Context) => R | Promise<R>, name?: string): Promise<R> {
    return this.lifetime.isHosted ? this.run(body, name) : runUntilCrash(() => this.child(name), body);
  }

  /** Runs a function in a new root context, like {@link run}. */
  static run<R>(body: (context: Context) => R | Promise<R>, name?: string): Promise<R> {
    return runUntilCrash(() => new Context(name), body);
  }

  /**
   * Emits an event for every value and factory that is added to this context, and for every value that a factory
   * creates, once it can be looked up. Completes when the context has closed.
   */
  get resourceAdded(): Signal<ResourceAdded> {
    return this.resources.added;
  }

  /**
   * Publishes a value under one or several identifiers. Children opened later inherit it; children already open do not.
   * @throws {@link ResourceConflictError} when one of the keys is taken; nothing is published then
   * @throws {@link ResourceTypeError} when the value lacks methods of one of the classes; not in production
   */
  addResource<T>(ids: Ids<T>, value: NoInfer<T>, options: ResourceOptions<NoInfer<T>> = {}): void {
    this.resources.add(ids, value, options.name ?? defaultName, options.dispose);
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
    make: (context: Context) => Made<NoInfer<T>>,
    options: FactoryOptions<NoInfer<T>> = {},
  ): void {
    this.resources.publishFactory(ids, make, options);
  }

  /**
   * Returns the resource under a key, and calls its factory if necessary.
   * @throws {@link ResourceNotFoundError} when the key has neither a value nor a factory, unless the lookup is `optional`
   */
  getResource<T>(id: ServiceIdentifier<T>, name?: string): Promise<T>;
  getResource<T>(id: ServiceIdentifier<T>, options: { optional: true; name?: string }): Promise<T | undefined>;
  getResource<T>(id: ServiceIdentifier<T>, how: string | { name?: string } = defaultName): Promise<T | undefined> {
    try {
      const found = this.lookup(id, nameOf(how));
      if (found === undefined && typeof how === 'string') throw this.resources.notFound({ id, name: how });
      return (found instanceof Pending ? found.promise : Promise.resolve(found)) as Promise<T | undefined>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Returns the resource under a key synchronously, and calls its factory if necessary.
   * @throws {@link ResourceNotFoundError} when the key has neither a value nor a factory
   * @throws {@link AsyncResourceError} when an asynchronous factory has not created the value yet
   */
  getResourceSync<T>(id: ServiceIdentifier<T>, name: string = defaultName): T {
    const found = this.lookup(id, name, 'at once');
    if (found === undefined) throw this.resources.notFound({ id, name });
    return found as T;
  }

  /** Like {@link getResourceSync}, but returns `undefined` if the key has neither. Async: `getResource` with `optional`. */
  findResource<T>(id: ServiceIdentifier<T>, name: string = defaultName): T | undefined {
    return this.lookup(id, name, 'at once') as T | undefined;
  }

  /**
   * Looks up a key; all getters use this. Returns the value, `undefined`, or the {@link Pending} of a running factory.
   * @throws {@link AsyncResourceError} when the factory is still running and `when` is `'at once'`
   * @internal
   */
  lookup(id: ServiceIdentifier<unknown>, name: string, when?: 'at once'): unknown {
    return this.resources.lookup(id, name, when, this.view?.call);
  }

  /** Returns the existing values under an identifier, by name. Does not call factories. */
  getResources<T>(id: ServiceIdentifier<T>): ReadonlyMap<string, T> {
    return this.resources.all(id);
  }

  /** Returns the keys that can be looked up, including those of factories. */
  keys(): Iterable<Key> {
    return this.resources.keys();
  }

  /** Returns all keys, including those of stopped components, for the container of inversify. @internal */
  knownKeys(): Iterable<Key> {
    this.lifetime.mustNotBeClosed('use the container of');
    return this.resources.knownKeys();
  }

  /** Creates an instance of an inversify `@injectable` class from the resources of this context. */
  async resolve<T>(type: new (...args: never[]) => T): Promise<T> {
    const { resolveInjectable } = await import('./container.ts');
    return resolveInjectable(this.view?.of ?? this, type);
  }

  /** Adds a callback that runs when this context closes, before those that were added earlier. */
  onTeardown(callback: (error?: unknown) => unknown): void {
    this.lifetime.mustNotBeClosed('add a teardown callback to');
    this.lifetime.teardowns.add(callback.name === '' ? 'a teardown callback' : callback.name, callback);
  }

  /**
   * Runs work in the background, in its own child context, until this context closes. The teardown ends the task before
   * anything that was added to the context earlier is torn down.
   */
  startServiceTask<S = void>(work: TaskWork<S>, options: TaskOptions = {}): TaskHandle<S> {
    this.lifetime.mustBeOpen('start a task in');
    return startServiceTask(this, this.lifetime.teardowns, work, options, (error) => this.taskCrashed(error));
  }

  /**
   * Starts a group for short-lived tasks. Their contexts inherit the resources that this context has now. The teardown
   * ends the group before anything that was added to the context earlier; by default it waits for the running tasks.
   */
  startTaskGroup(options: TaskGroupOptions = {}): TaskGroup<Context> {
    this.lifetime.mustBeOpen('start a task group in');
    return startTaskGroup(this, this.lifetime.teardowns, options, (error) => this.taskCrashed(error));
  }

  /**
   * Explains why a step of the component takes long, in one line; `undefined` removes the text. Errors and displays of the
   * start show it, so it must not contain secrets. Does nothing in a context that belongs to no component.
   */
  progress(_text: string | undefined): void {}

  /** Returns an RxJS operator that completes an Observable when this context closes. */
  until<T>(): MonoTypeOperatorFunction<T> {
    this.lifetime.mustNotBeClosed('subscribe until the end of');
    return until((end) => this.lifetime.untilEnd(end));
  }

  /**
   * Closes this context. It waits for running factories, then runs all teardowns, last in, first out. Each teardown
   * receives `error`. Resources can still be looked up and added until the last teardown has finished. Closing a closed
   * context does nothing. With `limitMs`, factories and teardowns that take longer are abandoned. A value that an abandoned
   * factory creates later is torn down at once.
   *
   * @throws {@link TeardownError} when teardowns failed; the others ran
   * @throws {@link ContextStateError} when the context is already closing
   */
  close(error?: unknown, { limitMs }: CloseOptions = {}): Promise<void> {
    return this.lifetime.close(this.resources, error, limitMs);
  }

  /** Closes this context synchronously if there is nothing to run or await; returns whether it did. @internal */
  closeAtOnce(): boolean {
    return this.lifetime.closeAtOnce(this.resources);
  }

  /**
   * Calls a function with this context as the one that `currentContext()` of `@asphalt/core/ambient` returns. Call this
   * when you open a context with {@link child} and do work in it; {@link run} and the runtime do it automatically.
   */
  enter<R>(call: (context: this) => R): R {
    return actingIn(this, call, this);
  }

  /** Whether the current context is tracked; otherwise {@link enter} is a plain call. @internal */
  static get mayBeAsked(): boolean {
    return keepsCurrent();
  }

  /** Closes the context at the end of an `await using` block. Unlike {@link run}, it does not receive its error. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Called when a task of a context fails. An application overrides it and stops. @internal */
  protected taskCrashed(error: unknown, context: Context = this): void {
    const next = this.view?.of ?? this.parent;
    if (next) next.taskCrashed(error, context);
    else void endWithCrash(context, error);
  }

  /** Returns this context for a factory. @internal */
  viewFor(call: FactoryCall): Context {
    return new Context(this.name, this.parent, { of: this, call });
  }

  /** Creates the owner of the signals of a resource. @internal */
  signalOwner(name: string): SignalOwner {
    return { name, onError: (failure) => this.lifetime.subscriberFailed(failure) };
  }
}
