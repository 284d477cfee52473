/**
 * The connections to one server. Callers queue, first come, first served, and wait at most for a time limit. A broken
 * connection leaves the pool; the next caller opens another one.
 */
import { callAfter } from '@asphalt/core';
import { SqlLostError, SqlPoolError } from './errors.ts';
import type { Session } from './session.ts';

export interface PoolOptions {
  /** The server, as `host:port`. */
  readonly server: string;
  /** Number of connections that stay open although nothing uses them. */
  readonly min: number;
  readonly max: number;
  /** How long a connection that nothing uses stays open, in milliseconds. */
  readonly idleMs: number;
  /** How long a caller waits for a connection, in milliseconds. */
  readonly waitMs: number;
}

interface Caller {
  resolve(session: Session): void;
  reject(error: unknown): void;
}

export class Pool {
  readonly #options: PoolOptions;
  readonly #create: (lost: (error: Error) => void) => Session;
  readonly #sessions = new Set<Session>();
  readonly #opening = new Set<Session>();
  /** The connections that nothing uses, each with the function that keeps it open. The last one is used next. */
  readonly #idle = new Map<Session, () => void>();
  readonly #callers = new Set<Caller>();
  /** Resolves the promise of `close`, which has been called. */
  #emptied: (() => void) | undefined;
  /** Called when a connection has been opened. */
  onOpened: () => void = () => undefined;
  /** Called when a connection breaks or cannot be opened, and no other one is left. */
  onLost: (error: unknown) => void = () => undefined;

  /** @param create - creates a connection without connecting it */
  constructor(options: PoolOptions, create: (lost: (error: Error) => void) => Session) {
    this.#options = options;
    this.#create = create;
  }

  /** Number of open connections. */
  get size(): number {
    return this.#sessions.size;
  }

  get idle(): number {
    return this.#idle.size;
  }

  get used(): number {
    return this.#sessions.size - this.#idle.size;
  }

  /** Whether the next caller has to wait for another one. */
  get isExhausted(): boolean {
    return this.used + this.waiting >= this.#options.max;
  }

  /** Number of callers that wait for a connection. */
  get waiting(): number {
    return this.#callers.size;
  }

  /**
   * Returns a connection that nothing else uses.
   *
   * @param waitMs - how long the caller waits
   * @throws {@link SqlPoolError} when none becomes free in time; {@link SqlLostError} when none can be opened, and none is
   * left that could become free
   */
  acquire(waitMs = this.#options.waitMs): Promise<Session> {
    return new Promise((resolve, reject) => {
      if (this.#emptied) return reject(this.#lost('the pool is closed'));
      const idle = [...this.#idle.keys()].at(-1);
      if (idle) return resolve(this.#use(idle));
      const ending =
        <V>(settle: (value: V) => void) =>
        (value: V): void => {
          cancel();
          this.#callers.delete(caller);
          settle(value);
          this.#noteEmpty();
        };
      const caller = { resolve: ending(resolve), reject: ending(reject) };
      const cancel = callAfter(waitMs, () => caller.reject(this.#late(waitMs)));
      this.#callers.add(caller);
      this.#refill();
    });
  }

  /** Returns a connection to the pool. A broken one leaves it. */
  release(session: Session): void {
    if (session.isBroken) this.#remove(session);
    else this.#offer(session);
  }

  /** The connections whose statements are running. */
  running(): Session[] {
    return Array.from(this.#sessions).filter(({ waitsMs }) => waitsMs >= 0);
  }

  /** Opens the minimum of connections. */
  fill(): void {
    for (let count = this.#opening.size + this.size; count < this.#options.min; count++) void this.#open();
  }

  /** Drops the connections that nothing uses, and those whose statements have been running at least this long. */
  reset(limitMs = Infinity): void {
    for (const session of this.#sessions) {
      if (this.#idle.has(session) || session.waitsMs >= limitMs) this.#drop(session, 'the server does not respond');
    }
  }

  /** Refuses new callers, waits for the connections in use and the waiting callers, and closes all. */
  async close(): Promise<void> {
    const emptied = new Promise<void>((resolve) => {
      this.#emptied = resolve;
    });
    const ended = Array.from(this.#idle.keys(), (session) => this.#end(session));
    this.#noteEmpty();
    await emptied;
    await Promise.all(ended);
  }

  /** Drops all connections, and fails the waiting callers. The pool can open new ones unless it is closed. */
  destroy(): void {
    for (const caller of this.#callers) caller.reject(this.#lost('the connection was closed'));
    for (const session of [...this.#opening, ...this.#sessions]) this.#drop(session, 'the connection was closed');
  }

  /** Opens connections for the waiting callers. */
  #refill(): void {
    const { max } = this.#options;
    while (this.#opening.size < this.#callers.size && this.#opening.size + this.size < max) void this.#open();
  }

  async #open(): Promise<void> {
    const session = this.#create((error) => {
      this.#remove(session);
      if (this.size === 0) this.onLost(error);
    });
    this.#opening.add(session);
    try {
      await session.connect();
    } catch (error) {
      this.#opening.delete(session);
      if (this.size > 0 || this.#opening.size > 0) return;
      this.onLost(error);
      for (const caller of this.#callers) caller.reject(new SqlLostError(this.#options.server, undefined, error));
      return;
    }
    this.#opening.delete(session);
    this.#sessions.add(session);
    this.onOpened();
    this.#offer(session);
  }

  /** Passes a connection to the caller that waits longest, or keeps it. */
  #offer(session: Session): void {
    const [caller] = this.#callers;
    if (caller) return caller.resolve(session);
    if (this.#emptied) return void this.#end(session);
    const { idleMs, min } = this.#options;
    const expire = (): void => {
      if (this.size > min) void this.#end(session);
      else this.#idle.set(session, callAfter(idleMs, expire));
    };
    this.#idle.set(session, callAfter(idleMs, expire));
  }

  #use(session: Session): Session {
    this.#idle.get(session)?.();
    this.#idle.delete(session);
    return session;
  }

  async #end(session: Session): Promise<void> {
    const ended = session.end();
    this.#remove(session);
    await ended;
  }

  #drop(session: Session, reason: string): void {
    session.break(new Error(reason));
    this.#remove(session);
  }

  #remove(session: Session): void {
    this.#use(session);
    this.#sessions.delete(session);
    this.#noteEmpty();
    this.#refill();
  }

  #late(waitMs: number): Error {
    const { max } = this.#options;
    if (this.used > 0) return new SqlPoolError(waitMs, { max, used: this.used, waiting: this.waiting });
    return this.#lost(`no response within ${waitMs} ms`);
  }

  #lost(reason: string): Error {
    return new SqlLostError(this.#options.server, undefined, new Error(reason));
  }

  #noteEmpty(): void {
    if (this.size === 0 && this.#callers.size === 0) this.#emptied?.();
  }
}
