/** Background work that belongs to a context: it ends, at the latest, when the context closes. */
import type { Context } from './context.ts';
import { TaskCrashError } from './errors.ts';
import type { Teardown } from './teardown.ts';

/** The work of a task; `abort` fires when it should end, and `context` closes when it has ended. */
export type TaskWork = (abort: AbortSignal, context: Context) => unknown;

export interface TaskOptions {
  /** How messages call the task. */
  readonly name: string;
  /**
   * How the task is told that its context closes: `'abort'` fires its signal, `'wait'` only waits for it, a function
   * is called and then waited for.
   *
   * @default 'abort'
   */
  readonly teardown?: 'abort' | 'wait' | (() => unknown);
}

export interface TaskHandle {
  readonly name: string;
  /** Fires the task's signal. */
  abort(reason?: unknown): void;
  /** Resolves when the task has ended, however it ended; a failure is told to the application. */
  finished(): Promise<void>;
}

/** Starts the work in a child context; `crashed` hears of its failure unless it was told to end. @internal */
export function startTask(
  parent: Context,
  work: TaskWork,
  options: TaskOptions,
  crashed: (error: TaskCrashError) => void,
): { handle: TaskHandle; teardown: Teardown } {
  const { name, teardown = 'abort' } = options;
  const controller = new AbortController();
  const { signal } = controller;
  const running = parent
    .run((context) => work(signal, context), name)
    .then(
      () => undefined,
      (error: unknown) => {
        // A task that is told to end usually throws its signal's reason: that is its end, not a failure.
        const asked =
          signal.aborted && (error === signal.reason || (error as Error | undefined)?.name === 'AbortError');
        if (!asked) crashed(new TaskCrashError(name, error));
      },
    );
  const abort = (reason?: unknown): void => controller.abort(reason);
  const undo = async (): Promise<void> => {
    try {
      if (teardown === 'abort') abort();
      else if (teardown !== 'wait') await teardown();
    } catch (error) {
      abort(error);
      await running;
      throw error;
    }
    await running;
  };
  return { handle: { name, abort, finished: () => running }, teardown: { label: `task ${name}`, undo } };
}
