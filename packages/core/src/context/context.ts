/**
 * Contexts: the owners of everything that must be torn down. What can be looked up in them is the business of
 * `ResourceScope`; here is their life, from the parent that opened them to the last teardown.
 *
 * Contexts know nothing of components. The application publishes what components provide by calling them.
 */
import type { MonoTypeOperatorFunction } from 'rxjs';
import type { Ending } from '../signal/owned.ts';
import { warnOfFailure, type SubscriberFailure } from '../signal/signal.ts';
import { until } from '../signal/until.ts';
import { Cancellation } from './cancellation.ts';
import type { CloseOptions } from './context-options.ts';
import { actingIn, keepsCurrent } from './current.ts';
import { ContextLeakError, ContextStateError, TeardownError, type TeardownFailure } from './errors.ts';
import { ResourceScope } from './resource-scope.ts';
import { endTasks, startTask, type TaskHandle, type TaskOptions, type Work } from './task.ts';
import { TaskGroup, type TaskGroupOptions } from './task-group.ts';
import { TeardownStack, type Teardown, type TeardownCallback, type Unwinding, type Yielding } from './teardown.ts';

/** The work of a task; see {@link Context.startServiceTask}. */
export type TaskWork<S = void> = Work<Context, S>;

export class Context extends ResourceScope<Context> {
  declare readonly parent: Context | undefined;
  readonly #teardowns = new TeardownStack();
  #openChildren = 0;
  /** The context that is cancelled together with this one; a child that a teardown of its parent opens has none. */
  readonly #cancelledWith: Context | undefined;
  #cancellation: Cancellation | undefined;
  /** The error that closes, or has closed, this context. */
  #closedBy: unknown;

  constructor(name = 'root', parent?: Context) {
    if (parent?.state === 'closed') throw new ContextStateError('open a child of', parent.name, 'closed');
    super(name, parent);
    this.#cancelledWith = parent?.state === 'open' ? parent : undefined;
    if (parent) parent.#openChildren++;
  }

  /**
   * Aborts when the work in this context should end: when this context or one above is cancelled, or when this context
   * starts to close, whichever is first. The reason is that of {@link cancel} or the error of {@link close}.
   *
   * Created when it is first read. A child that is opened while its parent closes, which only teardowns do, does not
   * follow its parent.
   */
  get abort(): AbortSignal {
    return this.#cancel.signal;
  }

  /**
   * Aborts the signal of this context and those of its children. The context stays open. Does nothing if it was
   * cancelled before.
   *
   * @param reason - the reason of the signals; by default an `AbortError` that names the context
   */
  cancel(reason?: unknown): void {
    if (this.state !== 'closed') this.#cancel.cancel(reason ?? this.#abortError('was cancelled'));
  }

  get #cancel(): Cancellation {
    if (this.#cancellation) return this.#cancellation;
    const above = this.state === 'closed' ? undefined : this.#cancelledWith;
    this.#cancellation = new Cancellation(above && above.#cancel);
    if (this.state !== 'open') this.#abortForClose();
    return this.#cancellation;
  }

  #abortForClose(): void {
    this.#cancellation?.abort(this.#closedBy ?? this.#abortError('closes'));
  }

  #abortError(why: string): DOMException {
    return new DOMException(`Context "${this.name}" ${why}`, 'AbortError');
  }

  /** Opens a context that sees what this one has now. Whoever opens it closes it. */
  child(name = 'child'): Context {
    return new Context(name, this);
  }

  /** Runs a body in a child context and closes it: with the error of the body, if it fails. */
  run<R>(body: (context: Context) => R | Promise<R>, name?: string): Promise<R> {
    return runIn(() => this.child(name), body);
  }

  /** Runs a body in a context without parent and closes it: with the error of the body, if it fails. */
  static run<R>(body: (context: Context) => R | Promise<R>, name?: string): Promise<R> {
    return runIn(() => new Context(name), body);
  }

  /** Has a callback run when this context closes, before those that were added earlier. */
  onTeardown(callback: TeardownCallback): void {
    this.mustNotBeClosed('add a teardown callback to');
    this.addTeardown(callback.name === '' ? 'a teardown callback' : callback.name, callback);
  }

  /**
   * Runs work in the background, in a child context of its own, until this context closes. The task is ended at its
   * place in the teardown order: before anything that was added before it is torn down.
   */
  startServiceTask<S = void>(work: TaskWork<S>, options: TaskOptions = {}): TaskHandle<S> {
    this.mustBeOpen('start a task in');
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

  /** An operator that completes an Observable when this context closes. */
  until<T>(): MonoTypeOperatorFunction<T> {
    this.mustNotBeClosed('subscribe until the end of');
    return until((end) => {
      if (this.state === 'closed') return undefined;
      const teardown = this.#teardowns.add('until()', end);
      return () => this.#teardowns.remove(teardown);
    });
  }

  /**
   * Ends this context: waits for what factories are making, then runs everything that was added with `onTeardown`,
   * last in first out, each told `error`. Meanwhile resources can be looked up and added. Closing it again does nothing.
   * With `limitMs`, whatever takes longer is given up; what a factory makes after that is torn down when it comes.
   *
   * @throws {@link TeardownError} when some of it failed; the rest ran nevertheless.
   */
  async close(error?: unknown, { limitMs }: CloseOptions = {}): Promise<void> {
    if (this.state === 'closed') return;
    if (this.state === 'closing') throw new ContextStateError('close', this.name, 'closing');
    this.enterState('closing');
    this.#closedBy = error;
    this.#abortForClose();
    const failures: TeardownFailure[] = [];
    while (!this.#teardowns.isEmpty || this.isMaking) {
      if (this.isMaking) failures.push(...(await this.allMade(limitMs)));
      await this.#unwind({ endedBy: error, failures, limitMs });
    }
    if (this.#openChildren > 0) failures.push({ error: new ContextLeakError(this.name, this.#openChildren) });
    this.#leave();
    if (failures.length > 0) throw new TeardownError(this.name, failures, error);
  }

  /** Closes this context if that has nothing to run and nothing to wait for; tells whether it did. @internal */
  closeAtOnce(): boolean {
    if (this.state !== 'open' || !this.#teardowns.isEmpty || this.isMaking || this.#openChildren > 0) return false;
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
   * Calls a function with this context as the one that `currentContext()` of `@asphalt/core/ambient` gives. Who opens
   * a context with {@link child} and serves something in it calls this; {@link run} and the runtime do so by themselves.
   */
  enter<R>(call: (context: this) => R): R {
    return actingIn(this, call, this);
  }

  /** Whether {@link enter} does more than call: whether some code may ask for the current context. @internal */
  static get mayBeAsked(): boolean {
    return keepsCurrent();
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
  protected override subscriberFailed(failure: SubscriberFailure): void {
    if (this.parent) this.parent.subscriberFailed(failure);
    else warnOfFailure(failure.error);
  }

  /** Tells the teardowns that are there now from those that come later; for {@link unwindTo}. @internal */
  get teardownMark(): number {
    return this.#teardowns.mark;
  }

  /** Runs the teardowns that were added since `mark` and leaves the context open. @internal */
  async unwindTo(mark: number, endedBy: unknown, errors: unknown[]): Promise<void> {
    const failures: TeardownFailure[] = [];
    await this.#unwind({ endedBy, failures, mark });
    errors.push(...failures.map(({ error }) => error));
  }

  /** Undoes what came after this context had closed without waiting for it. @internal */
  async undoLate(): Promise<never> {
    const failures: TeardownFailure[] = [];
    const closed = new ContextStateError('look up a resource in', this.name, 'closed');
    await this.#unwind({ endedBy: closed, failures });
    throw failures.length === 0 ? closed : new TeardownError(this.name, failures, closed);
  }

  /** What messages call the teardown that is waited for right now. @internal */
  get runningTeardown(): string | undefined {
    return this.#teardowns.running;
  }

  #unwind(unwinding: Unwinding): Promise<void> {
    return actingIn(this, (stack) => stack.unwind(unwinding), this.#teardowns);
  }

  /** Has something undone when this context closes, under a name for messages. @internal */
  addTeardown(label: string, undo: TeardownCallback): void {
    this.#teardowns.add(label, undo);
  }

  /** Ends a subscription with this context. @internal */
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

  /** Has a generator's code after its `yield` run when this context closes. @internal */
  finishOnTeardown(generator: Yielding<unknown>, label: string): void {
    this.#teardowns.addRest(label, generator);
  }
}

/** Runs a body in a context that it owns. Where teardown fails as well, its error holds the one of the body. */
async function runIn<R>(open: () => Context, body: (context: Context) => R | Promise<R>): Promise<R> {
  const context = open();
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
