/** One database: kysely's object, and the life of its connections. */
import type { Link } from '@asphalt/integration';
import { Kysely, sql, type Dialect } from 'kysely';
import type { Database } from './database.ts';
import { ObservedDialect, type Observer } from './observed-dialect.ts';
import { RollbackDialect } from './rollback-dialect.ts';
import { ServerDialect } from './server/dialect.ts';

export class Source {
  readonly db: Database;
  readonly #dialect: Dialect;

  /** @param rollbackMs - time limit for waiting transactions if all changes are rolled back when the database closes */
  constructor(dialect: Dialect, observer: Observer, rollbackMs?: number) {
    this.#dialect = dialect;
    const used = rollbackMs === undefined ? dialect : new RollbackDialect(dialect, rollbackMs);
    this.db = new Kysely({ dialect: new ObservedDialect(used, observer) });
  }

  /** Opens the database, and closes it when the generator continues. */
  async *hold(link: Link, abort: AbortSignal): AsyncGenerator<void, void, unknown> {
    try {
      if (this.#dialect instanceof ServerDialect) {
        yield* this.#dialect.hold(link, abort, () => this.db.destroy());
        return;
      }
      // kysely connects with the first statement. Connect now, so that a missing database fails the start.
      await this.db.connection().execute(async () => undefined);
      yield* link.hold(undefined, unconnected, abort);
    } finally {
      await this.db.destroy();
    }
  }

  /** Proves that the database responds. */
  async check(): Promise<void> {
    await (this.#dialect instanceof ServerDialect ? this.#dialect.check() : sql`select 1`.execute(this.db));
  }
}

/** The connection of a database without a server. kysely opens and closes it. */
const unconnected = {
  connect: async () => undefined,
  check: async () => undefined,
  close: () => undefined,
  destroy: () => undefined,
};
