/** Background work that belongs to a context: it ends, at the latest, when the context closes. */
import { TaskCrashError, TaskNotStartedError } from './errors.ts';

/**
/**
 * The work of a task. `abort` is the signal of `context`: it aborts when the task should end, or has ended. `started` may
 * be called with what others wait for: the port of a server, for example.
 */
export type Work<C, S> = (abort: AbortSignal, context: C, started: (value: S) => void) => unknown;

/** How a task is told that its owner ends: its signal fires, or nothing, or a function is called; then it is waited for. */
export type TaskTeardown = 'abort' | 'wait' | (() => unknown);

export interface TaskOptions {
  /** How messages call the task. @default the name of the function */
  readonly name?: string;
  /** @default 'abort' */
  readonly teardown?: TaskTeardown;
  /** Hears of the task's failure; `true` takes it, and the application goes on. */
  readonly onCrash?: (crash: TaskCrashError) => boolean;
}

export interface TaskHandle<S = void> {
  readonly name: string;
  /** Fires the task's signal. */
  abort(reason?: unknown): void;
  /**
   * Resolves with what the work hands to its `started`. Who waits for that hears of a failure before it, and then the
   * application does not.
   *
   * @throws {@link TaskCrashError} when the work failed before it had started
   * @throws {@link TaskNotStartedError} when it ended otherwise
   */
  started(): Promise<S>;
  /** Resolves when the task has ended, however it ended; a failure is told to the application. */
  finished(): Promise<void>;
}

/** What a task uses of its own context. */
export interface Cancellable {
  readonly abort: AbortSignal;
  cancel(reason?: unknown): void;
}

/** What a task uses of the context that it is started in. */
export interface TaskOwner<C> {
  run(body: (context: C) => unknown, name: string): Promise<unknown>;
}

/**
 * Starts the work in a child context of its owner.
 *
 * @param crashed - hears of its failure, unless the task was told to end, or somebody else took it
 * @internal
 */
export function startTask<C extends Cancellable, S>(
  owner: TaskOwner<C>,
  work: Work<C, S>,
  { name = nameOf(work), onCrash }: TaskOptions,
  crashed: (error: unknown) => void,
): TaskHandle<S> {
  let own: C | undefined;
  /** Whether the signal had been aborted when the work failed; it also aborts when the context closes after that. */
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
    // A task that is told to end usually throws its signal's reason: that is its end, not a failure.
    if (wasAborted && (error === own!.abort.reason || (error as Error | undefined)?.name === 'AbortError')) {
      fail(new TaskNotStartedError(name));
      return;
    }
    const crash = new TaskCrashError(name, error);
    fail(crash);
    if (!(isAwaited && !hasStarted) && !isTaken(crash, onCrash, crashed)) crashed(crash);
  };
  const perform = async (context: C): Promise<unknown> => {
    own = context;
    try {
      return await work(context.abort, context, succeed);
    } catch (error) {
      wasAborted = context.abort.aborted;
      throw error;
    }
  };
  const running = owner.run(perform, name).then(() => fail(new TaskNotStartedError(name)), failed);
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

/** Ends a task, or several, as their owner is torn down. */
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

/** Asks the handler whether it takes a crash; one that fails itself takes nothing. */
function isTaken(crash: TaskCrashError, onCrash: TaskOptions['onCrash'], crashed: (error: unknown) => void): boolean {
  try {
    return onCrash?.(crash) ?? false;
  } catch (error) {
    crashed(error);
    return false;
  }
}

function nameOf(work: { readonly name: string }): string {
  return work.name === '' ? 'an unnamed task' : work.name;
}

function ignore(): void {}
