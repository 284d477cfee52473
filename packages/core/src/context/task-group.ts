/** Groups of short-lived background tasks, such as mails to send or jobs to process. */
import type { ContextState } from './context-options.ts';
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
import type { TeardownStack } from './teardown.ts';

export interface TaskGroupOptions {
  /** The name of the group in messages. @default 'task group' */
  readonly name?: string;
  /**
   * What the group does with running tasks when its context closes: `'wait'` lets them finish, `'abort'` aborts their
   * signals, and a function is called. Then the group waits for the tasks.
   *
   * @default 'wait'
   */
  readonly teardown?: TaskTeardown;
  /** Called with crashes that a task's own `onCrash` did not handle. Return `true` to keep the application running. */
  readonly onCrash?: (crash: TaskCrashError) => boolean;
}

/**
 * Runs tasks concurrently. The tasks see the resources that existed when the group was started. The group ends before
 * these resources are disposed of, so start it after publishing what the tasks use.
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
   * Runs work in the background, in its own context. Tasks of a closing group may start further tasks until all of them
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

  /** The running tasks. */
  get tasks(): ReadonlyArray<TaskHandle<unknown>> {
    return [...this.#running];
  }

  /** Aborts the signals of all running tasks. */
  abort(reason?: unknown): void {
    for (const task of this.#running) task.abort(reason);
  }

  /** Resolves when no task is running. */
  async finished(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(Array.from(this.#running, (task) => task.finished()));
  }

  /** Ends the group with its context. @internal */
  async end(teardown: TaskTeardown = 'wait'): Promise<void> {
    const abort = (reason?: unknown): void => {
      // Also aborts the tasks that running tasks start from now on.
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

/** The context that starts a group. */
export interface TaskGroupOwner<C> {
  readonly state: ContextState;
  child(name: string): C;
}

/** Starts a group that the owner's teardown ends at the present position. @internal */
export function startTaskGroup<C extends Cancellable & TaskOwner<C> & { close(error?: unknown): Promise<void> }>(
  owner: TaskGroupOwner<C>,
  teardowns: TeardownStack,
  { name = 'task group', ...options }: TaskGroupOptions,
  crashed: (error: unknown) => void,
): TaskGroup<C> {
  const own = owner.child(name);
  const group = new TaskGroup<C>(own, { ...options, name }, crashed, () => owner.state === 'closed');
  teardowns.add(name, async (error) => {
    try {
      await group.end(options.teardown);
    } finally {
      await own.close(error);
    }
  });
  return group;
}
