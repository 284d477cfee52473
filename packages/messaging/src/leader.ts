/** The time during which this process holds a lease. */
export interface Term {
  /** Fires when the lease may end before it can be renewed, and when the caller's signal fires. */
  readonly abort: AbortSignal;
  /**
   * Increases with every term, over all processes. A process that was frozen cannot notice that its term has ended, so
   * writes must contain the token: `update … set fence = :token where fence <= :token`.
   */
  readonly token: number;
}

/**
 * One of several processes that does some work.
 *
 * At most one process believes that it holds the lease, except a process that was frozen or whose event loop was blocked.
 * Only the token protects data from it.
 *
 * @example
 * @task()
 * async poll(abort: AbortSignal, @inject(Poller) leader: Leader): Promise<void> {
 *   await leader.run(abort, async ({ abort, token }) => { … });
 * }
 */
export abstract class Leader {
  abstract readonly name: string;
  /**
   * Runs a function while this process holds the lease, and again after each term that ended early. Resolves after the
   * function has returned within its term, or when `abort` fires.
   *
   * @throws the error of the function, unless its term has ended before
   */
  abstract run(abort: AbortSignal, work: (term: Term) => Promise<void>): Promise<void>;
}
