/** A place for background work that comes and goes: mails to be sent, jobs to be done. */
import { ContextStateError, type TaskCrashError } from './errors.ts';
import {
  endTasks,
  startTask,
  type Cancellable,
  type TaskHandle,
  type TaskOptions,
  type TaskOwner,
  type TaskTeardown,
  type Work,
} from './task.ts';

export interface TaskGroupOptions {
  /** How messages call the group. @default 'task group' */
  readonly name?: string;
  /**
   * What happens to the tasks that run when the group's context closes: `'wait'` lets them end by themselves,
   * `'abort'` fires their signals, a function is called; then they are waited for.
   *
   * @default 'wait'
   */
  readonly teardown?: TaskTeardown;
  /** Hears of failures that no handler of the task itself takes; `true` takes one, and the application goes on. */
  readonly onCrash?: (crash: TaskCrashError) => boolean;
}

/**
 * Runs tasks side by side. They see what was there when the group was started, so that all of them end before
 * anything that they use; start it after that.
 */
export class TaskGroup<C extends Cancellable> {
  readonly name: string;
  readonly #owner: TaskOwner<C>;
  readonly #onCrash: TaskGroupOptions['onCrash'];
  readonly #crashed: (error: unknown) => void;
  readonly #ownerHasClosed: () => boolean;
  readonly #running = new Set<TaskHandle<unknown>>();
  #abortReason: { readonly reason: unknown } | undefined;
  #isOver = false;

  /** @internal */
  constructor(
    owner: TaskOwner<C>,
    { name, onCrash }: TaskGroupOptions & { name: string },
    crashed: (error: unknown) => void,
    ownerHasClosed: () => boolean,
  ) {
    this.name = name;
    this.#owner = owner;
    this.#onCrash = onCrash;
    this.#crashed = crashed;
    this.#ownerHasClosed = ownerHasClosed;
  }

  /**
   * Runs work in the background, in a context of its own. Tasks of the group may start further ones until all of them
   * have ended.
   *
   * @throws {@link ContextStateError} when the group has ended
   */
  startTask<S = void>(work: Work<C, S>, options: Omit<TaskOptions, 'teardown'> = {}): TaskHandle<S> {
    if (this.#isOver || this.#ownerHasClosed()) throw new ContextStateError('start a task in', this.name, 'closed');
    const onCrash = (crash: TaskCrashError): boolean =>
      (options.onCrash?.(crash) ?? false) || (this.#onCrash?.(crash) ?? false);
    const handle = startTask(this.#owner, work, { ...options, onCrash }, this.#crashed);
    this.#running.add(handle);
    void handle.finished().then(() => this.#running.delete(handle));
    if (this.#abortReason) handle.abort(this.#abortReason.reason);
    return handle;
  }

  /** The tasks that run now. */
  get tasks(): ReadonlyArray<TaskHandle<unknown>> {
    return [...this.#running];
  }

  /** Fires the signals of all tasks that run. */
  abort(reason?: unknown): void {
    for (const task of this.#running) task.abort(reason);
  }

  /** Resolves when no task runs any more. */
  async finished(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(Array.from(this.#running, (task) => task.finished()));
  }

  /** Ends the group with its context. @internal */
  async end(teardown: TaskTeardown = 'wait'): Promise<void> {
    const abort = (reason?: unknown): void => {
      // Those that running tasks still start are told at once.
      this.#abortReason = { reason };
      this.abort(reason);
    };
    try {
      await endTasks({ abort, finished: () => this.finished() }, teardown);
    } finally {
      this.#isOver = true;
    }
  }
}
