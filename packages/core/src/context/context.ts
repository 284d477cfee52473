/**
 * Contexts own everything that needs teardown. This file implements their lifecycle: parents and children, tasks,
 * cancellation and closing. `ResourceScope` implements publishing and lookup.
 *
 * It must not depend on components. The application publishes the components' resources by calling contexts.
 */
import type { MonoTypeOperatorFunction } from 'rxjs';
import type { Ending } from '../signal/scope.ts';
import { warnOfFailure, type SubscriberFailure } from '../signal/signal.ts';
import { until } from '../signal/until.ts';
import { Cancellation } from './cancellation.ts';
import type { CloseOptions } from './context-options.ts';
import { actingIn, keepsCurrent } from './current.ts';
import { ContextLeakError, ContextStateError, TeardownError, type TeardownFailure } from './errors.ts';
import { ResourceScope } from './resources.ts';
import { endTasks, startTask, type TaskHandle, type TaskOptions, type Work } from './task.ts';
import { TaskGroup, type TaskGroupOptions } from './task-group.ts';
import { TeardownStack, type Teardown, type TeardownCallback, type Unwinding, type Yielding } from './teardown.ts';

/** The work of a task; see {@link Context.startServiceTask}. */
export type TaskWork<S = void> = Work<Context, S>;

export class Context extends ResourceScope<Context> {
  declare readonly parent: Context | undefined;
  readonly #teardowns = new TeardownStack();
  #openChildren = 0;
  /** The context whose cancellation cancels this one; undefined for a child opened while its parent closes. */
  readonly #cancelledWith: Context | undefined;
  #cancellation: Cancellation | undefined;
  /** The error that was passed to `close()`. */
  #closedBy: unknown;

  constructor(name = 'root', parent?: Context) {
    if (parent?.state === 'closed') throw new ContextStateError('open a child of', parent.name, 'closed');
    super(name, parent);
    this.#cancelledWith = parent?.state === 'open' ? parent : undefined;
    if (parent) parent.#openChildren++;
  }

  /**
   * Aborts when the work in this context should end: when this context or an ancestor is cancelled, or when this
   * context starts to close, whichever happens first. The reason is that of {@link cancel} or the error of
   * {@link close}.
   *
   * The signal is created on first access. A child that a teardown opens while its parent closes does not follow its
   * parent.
   */
  get abort(): AbortSignal {
    return this.#cancel.signal;
  }

  /**
   * Aborts the signals of this context and its descendants. The context stays open. Does nothing if it was cancelled
   * before or is closed.
   *
   * @param reason - the abort reason; defaults to an `AbortError` that names the context
   */
  cancel(reason?: unknown): void {
    if (this.state !== 'closed') this.#cancel.cancel(reason ?? this.#abortError('was cancelled'));
  }

  get #cancel(): Cancellation {
    if (this.#cancellation) return this.#cancellation;
    const parent = this.state === 'closed' ? undefined : this.#cancelledWith;
    this.#cancellation = new Cancellation(parent && parent.#cancel);
    if (this.state !== 'open') this.#abortForClose();
    return this.#cancellation;
  }

  #abortForClose(): void {
    this.#cancellation?.abort(this.#closedBy ?? this.#abortError('is closing'));
  }

  #abortError(why: string): DOMException {
    return new DOMException(`Context "${this.name}" ${why}`, 'AbortError');
  }

  /** Opens a child context, which inherits the resources that this context has now. The caller must close it. */
  child(name = 'child'): Context {
    return new Context(name, this);
  }

  /** Runs a function in a child context, then closes it. If the function throws, `close()` receives its error. */
  run<R>(body: (context: Context) => R | Promise<R>, name?: string): Promise<R> {
    return runIn(() => this.child(name), body);
  }

  /** Runs a function in a new root context, then closes it. If the function throws, `close()` receives its error. */
  static run<R>(body: (context: Context) => R | Promise<R>, name?: string): Promise<R> {
    return runIn(() => new Context(name), body);
  }

  /** Adds a callback that runs when this context closes, before those that were added earlier. */
  onTeardown(callback: TeardownCallback): void {
    this.mustNotBeClosed('add a teardown callback to');
    this.addTeardown(callback.name === '' ? 'a teardown callback' : callback.name, callback);
  }

  /**
   * Runs work in the background, in its own child context, until this context closes. The teardown ends the task before
   * anything that was added to the context earlier is torn down.
   */
  startServiceTask<S = void>(work: TaskWork<S>, options: TaskOptions = {}): TaskHandle<S> {
    this.mustBeOpen('start a task in');
    const handle = startTask(this, work, options, (error) => this.taskCrashed(error));
    const end = this.#teardowns.add(`task ${handle.name}`, () => endTasks(handle, options.teardown));
    void handle.finished().then(() => this.#teardowns.remove(end));
    return handle;
  }

  /**
   * Starts a group for short-lived tasks. Their contexts inherit the resources that this context has now. The teardown
   * ends the group before anything that was added to the context earlier; by default it waits for the running tasks.
   */
  startTaskGroup(options: TaskGroupOptions = {}): TaskGroup<Context> {
    this.mustBeOpen('start a task group in');
    const { name = 'task group', teardown } = options;
    const own = this.child(name);
    const group = new TaskGroup<Context>(
      own,
      { ...options, name },
      (error) => this.taskCrashed(error),
      () => this.state === 'closed',
    );
    this.#teardowns.add(name, async (error) => {
      try {
        await group.end(teardown);
      } finally {
        await own.close(error);
      }
    });
    return group;
  }

  /** Returns an RxJS operator that completes an Observable when this context closes. */
  until<T>(): MonoTypeOperatorFunction<T> {
    this.mustNotBeClosed('subscribe until the end of');
    return until((end) => {
      if (this.state === 'closed') return undefined;
      const teardown = this.#teardowns.add('until()', end);
      return () => this.#teardowns.remove(teardown);
    });
  }

  /**
   * Closes this context. It waits for running factories, then runs all teardowns, last in, first out. Each teardown
   * receives `error`. Resources can still be looked up and added until the last teardown has finished. Closing a closed
   * context does nothing.
   *
   * With `limitMs`, factories and teardowns that take longer are abandoned. A value that an abandoned factory creates
   * later is torn down at once.
   *
   * @throws {@link TeardownError} when teardowns failed; the others ran
   * @throws {@link ContextStateError} when the context is already closing
   */
  async close(error?: unknown, { limitMs }: CloseOptions = {}): Promise<void> {
    if (this.state === 'closed') return;
    if (this.state === 'closing') throw new ContextStateError('close', this.name, 'closing');
    this.enterState('closing');
    this.#closedBy = error;
    this.#abortForClose();
    const failures: TeardownFailure[] = [];
    while (!this.#teardowns.isEmpty || this.hasRunningFactories) {
      if (this.hasRunningFactories) failures.push(...(await this.settleFactories(limitMs)));
      await this.#unwind({ endedBy: error, failures, limitMs });
    }
    if (this.#openChildren > 0) failures.push({ error: new ContextLeakError(this.name, this.#openChildren) });
    this.#leave();
    if (failures.length > 0) throw new TeardownError(this.name, failures, error);
  }

  /** Closes this context synchronously if there is nothing to run or await; returns whether it did. @internal */
  closeAtOnce(): boolean {
    if (this.state !== 'open' || !this.#teardowns.isEmpty || this.hasRunningFactories || this.#openChildren > 0)
      return false;
    this.#abortForClose();
    this.#leave();
    return true;
  }

  #leave(): void {
    if (this.parent) this.parent.#openChildren--;
    this.#cancellation?.detach();
    this.enterState('closed');
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

  /** Called when a task fails. An application overrides it and stops. @internal */
  protected taskCrashed(error: unknown): void {
    if (this.parent) this.parent.taskCrashed(error);
    // Without an application, an unhandled rejection ends the process, as a crash should.
    else void Promise.reject(error);
  }

  /** Called when a subscriber of a signal throws. An application overrides it and reports the error. @internal */
  protected override subscriberFailed(failure: SubscriberFailure): void {
    if (this.parent) this.parent.subscriberFailed(failure);
    else warnOfFailure(failure.error);
  }

  /** Marks the current top of the teardown stack; for {@link unwindTo}. @internal */
  get teardownMark(): number {
    return this.#teardowns.mark;
  }

  /** Runs the teardowns that were added since `mark` and leaves the context open. @internal */
  async unwindTo(mark: number, endedBy: unknown, errors: unknown[]): Promise<void> {
    const failures: TeardownFailure[] = [];
    await this.#unwind({ endedBy, failures, mark });
    errors.push(...failures.map(({ error }) => error));
  }

  /** Tears down the value of a factory that finished after this context had closed, then throws. @internal */
  async undoLate(): Promise<never> {
    const failures: TeardownFailure[] = [];
    const closed = new ContextStateError('look up a resource in', this.name, 'closed');
    await this.#unwind({ endedBy: closed, failures });
    throw failures.length === 0 ? closed : new TeardownError(this.name, failures, closed);
  }

  /** The label of the running teardown. @internal */
  get runningTeardown(): string | undefined {
    return this.#teardowns.running;
  }

  #unwind(unwinding: Unwinding): Promise<void> {
    return actingIn(this, (stack) => stack.unwind(unwinding), this.#teardowns);
  }

  /** Adds a teardown with a label for messages. @internal */
  addTeardown(label: string, undo: TeardownCallback): void {
    this.#teardowns.add(label, undo);
  }

  /** Completes a subscription when this context closes. @internal */
  own(subscription: Ending): void {
    if (this.state === 'closed') {
      subscription.complete();
      return;
    }
    const teardown = this.#teardowns.add('a subscription', () => subscription.complete());
    subscription.add(() => this.#teardowns.remove(teardown));
  }

  /** @internal */
  pushTeardown(teardown: Teardown): void {
    this.#teardowns.push(teardown);
  }

  /** Adds a teardown that runs a generator's code after its `yield`. @internal */
  finishOnTeardown(generator: Yielding<unknown>, label: string): void {
    this.#teardowns.addRest(label, generator);
  }
}

/** Runs a function in a new context. If the teardown fails too, its error has the function's error in `endedBy`. */
async function runIn<R>(open: () => Context, body: (context: Context) => R | Promise<R>): Promise<R> {
  const context = open();
  let result: R;
  try {
    result = await actingIn(context, body, context);
  } catch (error) {
    // Teardowns take `undefined` for success, so a body that throws `undefined` or `null` gets an error in its place.
    await context.close(error ?? new Error(`the body threw ${String(error)}`));
    throw error;
  }
  await context.close();
  return result;
}
