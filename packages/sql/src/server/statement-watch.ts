/**
 * Finds statements that will never receive a result, because the server or the network has stopped responding without
 * closing the connection. It must not end a statement that the server still executes, however long that takes.
 */
import { callAfter } from '@asphalt/core';
import type { Session } from './session.ts';

export interface WatchedPool {
  /** The connections whose statements are running. */
  running(): ReadonlyArray<Pick<Session, 'waitsMs'>>;
}

export class StatementWatch {
  readonly #patienceMs: number;
  readonly #pool: WatchedPool;
  readonly #responds: () => Promise<boolean>;
  readonly #lost: () => void;
  /** Cancels the next look; undefined while no statement runs. */
  #cancel: (() => void) | undefined;
  #isStopped = false;

  /**
   * @param patienceMs - how long a statement runs before the server must prove that it responds
   * @param responds - asks the server for a response, on a new connection
   * @param lost - called when the server does not respond
   */
  constructor(patienceMs: number, pool: WatchedPool, responds: () => Promise<boolean>, lost: () => void) {
    this.#patienceMs = patienceMs;
    this.#pool = pool;
    this.#responds = responds;
    this.#lost = lost;
  }

  /** Called at the start of each statement. A timer runs only while statements do. */
  readonly started = (): void => {
    if (this.#cancel === undefined) this.#wait(this.#patienceMs);
  };

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  #wait(ms: number): void {
    if (this.#isStopped) return;
    // A result that arrived while code blocked the event loop is read first.
    this.#cancel = callAfter(ms, () => setImmediate(() => void this.#look()));
  }

  async #look(): Promise<void> {
    const patienceMs = this.#patienceMs;
    const longestMs = Math.max(...this.#pool.running().map(({ waitsMs }) => waitsMs));
    if (longestMs < 0) {
      this.#cancel = undefined;
    } else if (longestMs < patienceMs) {
      this.#wait(patienceMs - longestMs);
    } else {
      if (!(await this.#responds()) && !this.#isStopped) this.#lost();
      this.#wait(patienceMs);
    }
  }
}
