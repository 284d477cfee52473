/**
 * Calls user code on behalf of a context. The call is a plain function call unless the program imports
 * `@asphalt/core/ambient`, which tracks the current context.
 */

/** Tracks the current context. `AsyncLocalStorage` has this shape; this file must not import it. */
export interface CurrentStorage {
  run<A, R>(context: object, call: (argument: A) => R, argument: A): R;
}

/** One per process: an `AsyncLocalStorage` does not distinguish applications. */
let storage: CurrentStorage | undefined;

/** Calls a function with a context as the current one. @internal */
export function actingIn<A, R>(context: object, call: (argument: A) => R, argument: A): R {
  return storage === undefined ? call(argument) : storage.run(context, call, argument);
}

/** Returns whether the current context is tracked. @internal */
export function keepsCurrent(): boolean {
  return storage !== undefined;
}

/** Tracks the current context in a storage from now on. @internal */
export function keepCurrentIn(kept: CurrentStorage): void {
  storage = kept;
}

/** The part of a context that {@link runIn} uses. */
interface Closable {
  close(error?: unknown): Promise<void>;
}

/** Runs a function in a new context. If the teardown fails too, its error has the function's error in `endedBy`. */
export async function runIn<C extends Closable, R>(open: () => C, body: (context: C) => R | Promise<R>): Promise<R> {
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
