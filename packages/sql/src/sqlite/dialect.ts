import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryCompiler,
} from 'kysely';
import { NodeSqliteDriver } from './driver.ts';
import type { SqliteOptions } from './open.ts';

/**
 * Embedded SQLite for kysely, through a driver with the interface of `node:sqlite`.
 *
 * With a file, reading does not wait for an open transaction and returns the last committed data. Writing waits for its
 * turn without blocking the event loop. A database in memory has one connection, so reading waits as well.
 */
export class NodeSqliteDialect implements Dialect {
  readonly #options: SqliteOptions;

  constructor(options: SqliteOptions) {
    this.#options = options;
  }

  createDriver(): Driver {
    return new NodeSqliteDriver(this.#options);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): SqliteAdapter {
    return new NodeSqliteAdapter();
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- kysely's own signature
  createIntrospector(db: Kysely<any>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

class NodeSqliteAdapter extends SqliteAdapter {
  /** SQLite can roll back schema changes. kysely's own adapter returns false because of `pragma foreign_keys`. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
