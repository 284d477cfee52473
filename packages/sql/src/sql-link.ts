import { providedBy } from '@asphalt/core';
import { Link } from '@asphalt/integration';
import type { Pool } from './server/pool.ts';

/** The connections of a pool by their use. */
export interface PoolNumbers {
  readonly size: number;
  readonly idle: number;
  readonly used: number;
  /** Number of callers that wait for a connection. */
  readonly waiting: number;
}

/** The state of a database, and of its pool. SQLite has no pool and is always up. */
@providedBy('SqlComponent of @asphalt/sql')
export class SqlLink extends Link {
  #pool: Pool | undefined;

  /** The current numbers of the pool; undefined for SQLite. */
  get pool(): PoolNumbers | undefined {
    if (this.#pool === undefined) return undefined;
    const { size, idle, used, waiting } = this.#pool;
    return { size, idle, used, waiting };
  }

  /** @internal */
  observe(pool: Pool): void {
    this.#pool = pool;
  }
}
