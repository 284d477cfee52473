/** The call that a thread is running. A thread runs one call at a time. */

export interface CurrentCall {
  /** The name of the caller's context; undefined if the caller passed none. */
  readonly contextName: string | undefined;
}

let current: CurrentCall | undefined;

/** Returns the call that this thread runs; undefined outside a pool's threads and while a module is being loaded. */
export function currentCall(): CurrentCall | undefined {
  return current;
}

/** Sets the running call. @internal */
export function setCurrentCall(call: CurrentCall | undefined): void {
  current = call;
}
