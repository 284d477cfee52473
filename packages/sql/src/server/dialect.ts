/** kysely's dialect for a server, and the life of its pool. */
import { callAfter } from '@asphalt/core';
import type { Link } from '@asphalt/integration';
import { CompiledQuery, type Dialect, type DatabaseIntrospector, type Driver, type Kysely } from 'kysely';
import { ServerDriver } from './driver.ts';
import { SqlLostError } from './errors.ts';
import { Pool, type PoolOptions } from './pool.ts';
import { Session, type Technology } from './session.ts';

/** The parts of kysely's own dialect that do not depend on a driver. */
export interface Grammar extends Omit<Dialect, 'createDriver'> {
  quote(name: string): string;
}

export class ServerDialect implements Dialect {
  readonly pool: Pool;
  readonly #technology: Technology;
  readonly #grammar: Grammar;
  readonly #options: PoolOptions;

  constructor(technology: Technology, grammar: Grammar, options: PoolOptions) {
    this.#technology = technology;
    this.#grammar = grammar;
    this.#options = options;
    this.pool = new Pool(options, (lost) => new Session(options.server, technology, lost));
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
    // The link describes the errors of the driver.
    const check = (): Promise<void> =>
      this.check().catch((error: unknown) => {
        throw error instanceof SqlLostError ? error.cause : error;
      });
    const connection = {
      connect: check,
      check,
      close: async () => {
        await beforeClose();
        await pool.close();
      },
      destroy: () => pool.destroy(),
      reset: () => pool.reset(this.#options.waitMs),
      classify: (error: unknown) => this.#technology.classify(error),
    };
    try {
      yield* link.hold(undefined, connection, abort);
    } finally {
      cancelRetry();
      void pool.close();
    }
  }

  /** Proves that the server responds. */
  async check(): Promise<void> {
    const session = await this.pool.acquire();
    try {
      await session.query(CompiledQuery.raw('select 1'));
    } finally {
      this.pool.release(session);
    }
  }
}
