/** Which call a thread carries out. A thread carries out one at a time, so there is one to know. */

export interface CurrentCall {
  /** The name of the context for which the call is made; undefined where the caller named none. */
  readonly contextName: string | undefined;
}

let current: CurrentCall | undefined;

/** The call that this thread carries out; undefined outside of a pool's threads and while a module is being loaded. */
export function currentCall(): CurrentCall | undefined {
  return current;
}

/** Says which call is carried out from now on. @internal */
export function setCurrentCall(call: CurrentCall | undefined): void {
  current = call;
}
