/**
 * Where the runtime calls code of its user on behalf of a context, it says so here. Nobody listens unless the program
 * imports `@asphalt/core/ambient`, which keeps a current context; until then it is a plain call.
 */

/** What keeps the current context; `AsyncLocalStorage` is of this shape, and nothing here imports it. */
export interface CurrentStorage {
  run<A, R>(context: object, call: (argument: A) => R, argument: A): R;
}

/** One for the process, as the storage itself is: what an `await` remembers is not told apart by application. */
let storage: CurrentStorage | undefined;

/** Calls a function that acts on behalf of a context. @internal */
export function actingIn<A, R>(context: object, call: (argument: A) => R, argument: A): R {
  return storage === undefined ? call(argument) : storage.run(context, call, argument);
}

/** Whether anybody asks which context is the current one. @internal */
export function keepsCurrent(): boolean {
  return storage !== undefined;
}

/** From now on keeps which context is the current one. @internal */
export function keepCurrentIn(kept: CurrentStorage): void {
  storage = kept;
}
