/** Tasks: background work that belongs to a context and ends when the context closes, at the latest. */
import { isAbortReaction } from './abort-reaction.ts';
import { TaskCrashError, TaskNotStartedError } from './errors.ts';
import type { TeardownStack } from './teardown.ts';

/**
 * The work of a task. `abort` is the signal of `context`: it aborts when the task should end, or has ended. `started`
 * resolves the `started()` promise of the handle, for example with the port of a server.
 */
export type Work<C, S> = (abort: AbortSignal, context: C, started: (value: S) => void) => unknown;

/** How a closing owner ends a task: abort its signal, only wait, or call a function. It then waits for the task. */
export type TaskTeardown = 'abort' | 'wait' | (() => unknown);

export interface TaskOptions {
  /** The name of the task in messages. @default the name of the function */
  readonly name?: string;
  /** @default 'abort' */
  readonly teardown?: TaskTeardown;
  /** Called when the task crashes. Return `true` to keep the application running. */
  readonly onCrash?: (crash: TaskCrashError) => boolean;
}

export interface TaskHandle<S = void> {
  readonly name: string;
  /** Aborts the task's signal. */
  abort(reason?: unknown): void;
  /**
   * Resolves with the value that the work passes to `started`. After you call this, a failure before `started` only
   * rejects the promise; it is not reported to the application.
   *
   * @throws {@link TaskCrashError} when the work failed before it called `started`
   * @throws {@link TaskNotStartedError} when the work ended or was aborted before it called `started`
   */
  started(): Promise<S>;
  /** Resolves when the task has ended, even if it failed; the application handles the failure. */
  finished(): Promise<void>;
}

/** The part of its own context that a task uses. */
export interface Cancellable {
  readonly abort: AbortSignal;
  cancel(reason?: unknown): void;
}

/** The part of the owning context that a task uses. */
export interface TaskOwner<C> {
  runTask(body: (context: C) => unknown, name: string): Promise<unknown>;
}

/**
 * Starts the work in a child context of its owner.
 *
 * @param crashed - called with the task's failure unless `started()` or `onCrash` handled it, or it is the result of
 *   aborting the task; also called with an error that `onCrash` throws
 * @internal
 */
export function startTask<C extends Cancellable, S>(
  owner: TaskOwner<C>,
  work: Work<C, S>,
  { name = nameOf(work), onCrash }: TaskOptions,
  crashed: (error: unknown) => void,
): TaskHandle<S> {
  let own: C | undefined;
  /** Whether the signal was aborted when the work failed. It also aborts after that, when the task's context closes. */
  let wasAborted = false;
  let hasStarted = false;
  let isAwaited = false;
  let succeed!: (value: S) => void;
  let fail!: (error: unknown) => void;
  const start = new Promise<S>((resolve, reject) => {
    succeed = (value) => {
      hasStarted = true;
      resolve(value);
    };
    fail = reject;
  });
  start.catch(ignore);
  const failed = (error: unknown): void => {
    if (wasAborted && isAbortReaction(error, own!.abort.reason)) {
      fail(new TaskNotStartedError(name));
      return;
    }
    const crash = new TaskCrashError(name, error);
    fail(crash);
    if (!(isAwaited && !hasStarted) && !isHandled(crash, onCrash, crashed)) crashed(crash);
  };
  const run = async (context: C): Promise<unknown> => {
    own = context;
    try {
      return await work(context.abort, context, succeed);
    } catch (error) {
      wasAborted = context.abort.aborted;
      throw error;
    }
  };
  const running = owner.runTask(run, name).then(() => fail(new TaskNotStartedError(name)), failed);
  return {
    name,
    abort: (reason) => own?.cancel(reason),
    started: () => {
      isAwaited = true;
      return start;
    },
    finished: () => running,
  };
}

/** Starts the work as a task that the owner's teardown ends at the present position. @internal */
export function startServiceTask<C extends Cancellable, S>(
  owner: TaskOwner<C>,
  teardowns: TeardownStack,
  work: Work<C, S>,
  options: TaskOptions,
  crashed: (error: unknown) => void,
): TaskHandle<S> {
  const handle = startTask(owner, work, options, crashed);
  const end = teardowns.add(`task ${handle.name}`, () => endTasks(handle, options.teardown));
  void handle.finished().then(() => teardowns.remove(end));
  return handle;
}

/** Ends one or more tasks when their owner closes. If the teardown function throws, the tasks are aborted. */
export async function endTasks(
  tasks: Pick<TaskHandle<unknown>, 'abort' | 'finished'>,
  teardown: TaskTeardown = 'abort',
): Promise<void> {
  try {
    if (teardown === 'abort') tasks.abort();
    else if (teardown !== 'wait') await teardown();
  } catch (error) {
    tasks.abort(error);
    await tasks.finished();
    throw error;
  }
  await tasks.finished();
}

/** Returns whether a crash is handled. If the crash handler throws, `crashed` receives the crash and then its error. */
function isHandled(crash: TaskCrashError, onCrash: TaskOptions['onCrash'], crashed: (error: unknown) => void): boolean {
  try {
    return onCrash?.(crash) ?? false;
  } catch (error) {
    crashed(crash);
    if (error !== crash) crashed(error);
    return true;
  }
}

function nameOf(work: { readonly name: string }): string {
  return work.name === '' ? 'an unnamed task' : work.name;
}

function ignore(): void {}
