/** kysely's dialect for a server, and the life of its pool. */
import { callAfter } from '@asphalt/core';
import { late, replyWithin, type Link } from '@asphalt/integration';
import { CompiledQuery, type Dialect, type DatabaseIntrospector, type Driver, type Kysely } from 'kysely';
import { ServerDriver } from './driver.ts';
import { SqlLostError } from './errors.ts';
import { Pool, type PoolOptions } from './pool.ts';
import { Session, type Technology } from './session.ts';
import { StatementWatch } from './statement-watch.ts';

/** The parts of kysely's own dialect that do not depend on a driver. */
export interface Grammar extends Omit<Dialect, 'createDriver'> {
  quote(name: string): string;
}

export class ServerDialect implements Dialect {
  readonly pool: Pool;
  readonly #technology: Technology;
  readonly #grammar: Grammar;
  readonly #options: PoolOptions;
  readonly #create: (lost: (error: Error) => void) => Session;
  #watch: StatementWatch | undefined;

  constructor(technology: Technology, grammar: Grammar, options: PoolOptions) {
    this.#technology = technology;
    this.#grammar = grammar;
    this.#options = options;
    this.#create = (lost) => new Session(options.server, technology, lost, () => this.#watch?.started());
    this.pool = new Pool(options, this.#create);
  }

  createDriver(): Driver {
    return new ServerDriver(this.pool, this.#technology, (name) => this.#grammar.quote(name));
  }

  createQueryCompiler() {
    return this.#grammar.createQueryCompiler();
  }

  createAdapter() {
    return this.#grammar.createAdapter();
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- kysely's own signature
  createIntrospector(db: Kysely<any>): DatabaseIntrospector {
    return this.#grammar.createIntrospector(db);
  }

  /**
   * Connects, and closes the pool when the generator continues. Reopens a lost pool until then.
   *
   * @param beforeClose - returns connections that are in use until the end
   */
  async *hold(link: Link, abort: AbortSignal, beforeClose: () => Promise<void>): AsyncGenerator<void, void, unknown> {
    const { pool } = this;
    let cancelRetry = (): void => undefined;
    const reopen = (attempt: number): void => {
      cancelRetry();
      const delayMs = link.state === 'lost' ? link.delay(attempt) : undefined;
      if (delayMs === undefined) return;
      // A successful check opens a connection, which changes the state.
      cancelRetry = callAfter(delayMs, () => void this.check().catch(() => reopen(attempt + 1)));
    };
    pool.onOpened = () => {
      link.up();
      pool.fill();
    };
    pool.onLost = (error) => {
      const wasUp = link.state === 'up';
      link.down(error);
      if (wasUp) reopen(1);
    };
    const { waitMs } = this.#options;
    const lost = (): void => {
      pool.onLost(noResponse(waitMs));
      pool.reset(waitMs);
    };
    const watch = new StatementWatch(waitMs, pool, () => this.#responds(), lost);
    this.#watch = watch;
    // The link describes the errors of the driver.
    const check = (waitMs?: number): Promise<void> =>
      this.check(waitMs).catch((error: unknown) => {
        throw error instanceof SqlLostError ? error.cause : error;
      });
    let canceled: Promise<unknown> | undefined;
    let isStopping = false;
    const connection = {
      // The link limits the attempt.
      connect: () => check(Infinity),
      check: () => check(),
      close: async () => {
        isStopping = true;
        await beforeClose();
        await pool.close();
      },
      destroy: () => {
        if (isStopping) canceled = Promise.all(pool.running().map((session) => this.#cancel(session)));
        pool.destroy();
      },
      // The watch decides about the statements that are running.
      reset: () => pool.reset(),
      classify: (error: unknown) => this.#technology.classify(error),
    };
    try {
      yield* link.hold(undefined, connection, abort);
    } finally {
      cancelRetry();
      watch.stop();
      void pool.close();
      await canceled;
    }
  }

  /** Proves that the server responds. Does not wait for a connection in use, which may be busy for a long time. */
  async check(waitMs?: number): Promise<void> {
    if (this.pool.isExhausted) return this.#connect();
    const session = await this.pool.acquire(waitMs);
    try {
      await session.query(CompiledQuery.raw('select 1'));
    } finally {
      this.pool.release(session);
    }
  }

  /** Whether the server responds to a new client, with whatever. Connections that are open may be broken. */
  async #responds(): Promise<boolean> {
    return this.#alone(async () => undefined).then(
      (result) => result !== late,
      () => true,
    );
  }

  /** Connects outside of the pool. A server that accepts no further connection is not broken. */
  async #connect(): Promise<void> {
    const connecting = this.#alone(async () => undefined).catch((error: unknown) => {
      if (!this.#technology.isFull(error)) throw error;
    });
    if ((await connecting) === late) throw noResponse(this.#options.waitMs);
  }

  /** Ends the running statement of a connection that is dropped, which the server would execute to its end. */
  async #cancel(running: Session): Promise<void> {
    const statement = CompiledQuery.raw(running.cancelStatement);
    // If it fails, the server ends the statement itself.
    await this.#alone((session) => session.query(statement)).catch(() => undefined);
  }

  /** Uses a connection that does not belong to the pool, for a limited time. */
  async #alone(use: (session: Session) => Promise<unknown>): Promise<unknown> {
    const session = this.#create(() => undefined);
    const used = session.connect().then(() => use(session));
    try {
      return await replyWithin(this.#options.waitMs, used);
    } finally {
      session.break(new Error('the connection is no longer used'));
    }
  }
}

function noResponse(limitMs: number): Error {
  return new Error(`no response within ${limitMs} ms`);
}
