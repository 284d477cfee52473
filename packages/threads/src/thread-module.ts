/** The types of a module as the main thread sees it. */

// A function with any parameters: all parameter types accept `never`.
type AnyFunction = (...args: never[]) => unknown;

/**
 * The functions of a module as called from the main thread: with the same arguments and a promise of the result. A
 * function that returns an async iterable or a generator returns an async iterable here. Other exports, such as classes
 * and constants, are omitted, because they stay in the thread.
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
   * Calls the function in a thread of the pool. For an `AbortSignal` in the arguments, the function receives an
   * `AbortSignal` in the thread. When it fires, the function must end within the pool's `grace`, or its thread is
   * terminated.
   *
   * @throws the function's error; the signal's reason; {@link ThreadPoolFullError}, {@link ThreadPoolClosedError},
   * {@link ThreadDrainError}, {@link ThreadTimeoutError}, {@link ThreadValueError} and {@link ThreadCrashError}
   */
  (...args: Parameters<F>): ThreadResult<ReturnType<F>>;
  /** Returns the same function with other options. */
  with(options: CallOptions): (...args: Parameters<F>) => ThreadResult<ReturnType<F>>;
}

/** The result of a call, by the return type of the function. */
export type ThreadResult<R> = [R] extends [AsyncIterable<infer T>]
  ? AsyncIterable<T>
  : [R] extends [Generator<infer T, unknown, never>]
    ? AsyncIterable<T>
    : Promise<Awaited<R>>;

/** The options of a call. */
export interface CallOptions {
  /** Aborts the call, and terminates its thread immediately if it is running. Other calls are not affected. */
  readonly abort?: AbortSignal | undefined;
  /** Time limit in milliseconds, including the wait for a thread. The call is then aborted as with `abort`. */
  readonly timeoutMs?: number | undefined;
  /** The context of the caller. The function can read its name from `currentCall()`. */
  readonly context?: { readonly name: string } | undefined;
}
