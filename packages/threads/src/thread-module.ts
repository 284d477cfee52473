/** What a module looks like from outside of its thread. */

// Parameters of any type, whatever their number: `never` is what all of them accept.
type AnyFunction = (...args: never[]) => unknown;

/**
 * The functions of a module as they are called from the main thread: with the same arguments, and with a promise of what
 * they give. A function that gives an async iterable or a generator gives an async iterable here. Whatever else the
 * module exports (classes, constants) is left out: it lives in the thread.
 *
 * @typeParam M - the module's type, `typeof import('./resize.ts')`
 */
export type ThreadModule<M> = {
  readonly [K in keyof M as M[K] extends AnyFunction ? K : never]: M[K] extends AnyFunction
    ? ThreadFunction<M[K]>
    : never;
};

/** One function of a module that runs in a thread. */
export interface ThreadFunction<F extends AnyFunction> {
  /**
   * Calls the function in a thread of the pool. An `AbortSignal` among the arguments is an `AbortSignal` in the thread as
   * well. When it fires, the function has the pool's `grace` to end; then its thread is ended.
   *
   * @throws what the function threw; the signal's reason; {@link ThreadPoolFullError}, {@link ThreadPoolClosedError},
   * {@link ThreadTimeoutError}, {@link ThreadValueError} and {@link ThreadCrashError}
   */
  (...args: Parameters<F>): ThreadResult<ReturnType<F>>;
  /** The same function under other terms. */
  with(options: CallOptions): (...args: Parameters<F>) => ThreadResult<ReturnType<F>>;
}

/** What a call gives, for what the function gives. */
export type ThreadResult<R> = [R] extends [AsyncIterable<infer T>]
  ? AsyncIterable<T>
  : [R] extends [Generator<infer T, unknown, never>]
    ? AsyncIterable<T>
    : Promise<Awaited<R>>;

/** Under which terms a function is called. */
export interface CallOptions {
  /** Ends the call, and its thread at once if it runs already; other calls are not disturbed. */
  readonly abort?: AbortSignal | undefined;
  /** How long the call may take, in milliseconds, the waiting for a thread included; then it is ended like by `abort`. */
  readonly timeoutMs?: number | undefined;
  /** The context for which the call is made; its name can be read in the thread, by `currentCall()`. */
  readonly context?: { readonly name: string } | undefined;
}
