import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseIntrospector,
  type Dialect,
  type Kysely,
  type QueryCompiler,
} from 'kysely';
import { LibsqlDriver, type LibsqlOptions } from './driver.ts';

/**
 * Embedded SQLite for kysely, through `libsql`.
 *
 * Reading goes on while a transaction is open and sees what was committed before; writing waits its turn, without
 * blocking the event loop. A database in memory has one connection, so there reading waits as well.
 */
export class LibsqlDialect implements Dialect {
  readonly #options: LibsqlOptions;

  constructor(options: LibsqlOptions) {
    this.#options = options;
  }

  createDriver(): LibsqlDriver {
    return new LibsqlDriver(this.#options);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): SqliteAdapter {
    return new LibsqlAdapter();
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- kysely's own signature
  createIntrospector(db: Kysely<any>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

class LibsqlAdapter extends SqliteAdapter {
  /** SQLite can undo changes of the schema; kysely says no only because `pragma foreign_keys` is ignored meanwhile. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
