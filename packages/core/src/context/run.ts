/**
 * Outside of an application, the crash of a task ends the call of `run` that its context belongs to. This file must not
 * depend on `context.ts`.
 */
import type { ContextState } from './context-options.ts';
import { runIn } from './current.ts';
import type { TeardownFailure } from './errors.ts';

/** The part of a context's lifetime that this file uses. */
interface RunLifetime {
  readonly state: ContextState;
  readonly isHosted: boolean;
  run: Run | undefined;
  readonly runs: ReadonlySet<Run> | undefined;
  addFailure(error: unknown): boolean;
  collectFailures(): TeardownFailure[];
}

/** The part of a context that this file uses. */
interface RunContext {
  readonly parent: RunContext | undefined;
  readonly lifetime: RunLifetime;
  close(error?: unknown): Promise<void>;
}

/** A call of `run` outside of an application. It ends with its body, or with the crash of a task. */
export class Run {
  readonly #lifetime: RunLifetime;
  readonly #siblings: Set<Run> | undefined;
  /** Rejects the result; set while the body runs. */
  #fail: ((error: unknown) => void) | undefined;
  #crash: { readonly error: unknown } | undefined;
  #isOver = false;
  /** Called when the context has closed. */
  #ended: (() => void) | undefined;

  /** @param siblings - the runs that end before the parent of the context ends after a crash */
  constructor(lifetime: RunLifetime, siblings: Set<Run> | undefined) {
    this.#lifetime = lifetime;
    this.#siblings = siblings?.add(this);
  }

  /** Returns the body's result, unless a task crashed. */
  async resultOf<R>(body: R | Promise<R>): Promise<R> {
    try {
      const result = await this.#untilCrash(body);
      if (this.#crash) throw this.#crash.error;
      return result;
    } catch (error) {
      // The body failed before the crash could end it: the close reports both.
      if (this.#crash && this.#crash.error !== error) this.#lifetime.addFailure(this.#crash.error);
      throw error;
    }
  }

  /** Settles like the body, unless a crash comes first. */
  #untilCrash<R>(body: R | Promise<R>): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      Promise.resolve(body).then(resolve, reject);
    });
  }

  /** Ends the body with the error of a task, after the runs inside of it have ended. */
  async crash(error: unknown): Promise<void> {
    this.#crash = { error };
    this.#lifetime.collectFailures();
    await endRuns(this.#lifetime, error);
    this.#fail?.(error);
  }

  /** Called when the context has closed. */
  end(): void {
    this.#siblings?.delete(this);
    this.#isOver = true;
    this.#ended?.();
  }

  /** Ends the body with an error; resolves when the context has closed. */
  async endWith(error: unknown): Promise<void> {
    if (!this.#crash) void this.crash(error);
    if (this.#isOver) return;
    await new Promise<void>((resolve) => {
      const earlier = this.#ended;
      this.#ended = () => {
        earlier?.();
        resolve();
      };
    });
  }
}

/**
 * Ends a context with the error of a task, then the contexts above it up to the next call of `run`, which rejects.
 * Without such a call, the error becomes an unhandled rejection, which ends the process, as a crash should.
 */
export async function endWithCrash(context: RunContext, error: unknown): Promise<void> {
  const { lifetime, parent } = context;
  if (lifetime.addFailure(error)) return;
  let failure = error;
  if (lifetime.state === 'open') {
    if (lifetime.run) return lifetime.run.crash(error);
    // Later crashes are failures of the close that follows.
    lifetime.collectFailures();
    try {
      await endRuns(lifetime, error);
      await context.close(error);
    } catch (thrown) {
      failure = thrown;
    }
  }
  if (!parent) throw failure;
  return endWithCrash(parent, failure);
}

/** Ends the runs in the children of a context with an error, and waits until these have closed. */
async function endRuns(lifetime: RunLifetime, error: unknown): Promise<void> {
  await Promise.all(Array.from(lifetime.runs ?? [], (run) => run.endWith(error)));
}

/**
 * Runs a function in a new context outside of an application, where the crash of a task ends it.
 *
 * @param siblings - see {@link Run}
 */
export async function runUntilCrash<C extends RunContext, R>(
  open: () => C,
  body: (context: C) => R | Promise<R>,
  siblings?: Set<Run>,
): Promise<R> {
  const context = open();
  const run = (context.lifetime.run = new Run(context.lifetime, siblings));
  try {
    return await runIn(
      () => context,
      (entered) => run.resultOf(body(entered)),
    );
  } finally {
    run.end();
  }
}
