import { providedBy } from '@asphalt/core';
import type { Database } from '../database.ts';
import { SqlPendingMigrationsError } from './errors.ts';
import { loadMigrations } from './files.ts';
import { migrate, migratorFor, rollback } from './migrate.ts';

/** A migration of the folder, and whether it has run on the database. */
export interface MigrationState {
  readonly name: string;
  /** Undefined if it has not run. */
  readonly ranAt: Date | undefined;
}

/** `asphalt db` finds the class by this mark, in every copy of the package. */
const mark: unique symbol = Symbol.for('@asphalt/sql/migrations') as never;

/** The migrations of a database. `asphalt db` uses this resource, too. */
export class Migrations {
  static readonly [mark] = true;
  readonly #db: Database;

  constructor(
    db: Database,
    /** The option `migrations`: the folder of their files. Without it, no migrations exist. */
    readonly folder: string | undefined,
  ) {
    this.#db = db;
  }

  /** Returns all migrations of the folder, in the order in which they run. */
  async status(): Promise<readonly MigrationState[]> {
    if (this.folder === undefined) return [];
    const infos = await migratorFor(this.#db, await loadMigrations(this.folder)).getMigrations();
    return infos.map(({ name, executedAt }) => ({ name, ranAt: executedAt }));
  }

  /** Rejects if a migration has not run. @throws {@link SqlPendingMigrationsError} */
  async check(): Promise<void> {
    const pending = (await this.status()).filter(({ ranAt }) => ranAt === undefined);
    if (pending.length > 0) throw new SqlPendingMigrationsError(pending.map(({ name }) => name));
  }

  /**
   * Runs the migrations that have not run.
   *
   * @returns their names
   * @throws the errors of {@link migrate}
   */
  async migrate(): Promise<readonly string[]> {
    return this.folder === undefined ? [] : migrate(this.#db, await loadMigrations(this.folder));
  }

  /**
   * Rolls back the migration that ran last.
   *
   * @returns its name; undefined if no migration has run
   */
  async rollback(): Promise<string | undefined> {
    return this.folder === undefined ? undefined : rollback(this.#db, await loadMigrations(this.folder));
  }
}

providedBy('SqlComponent of @asphalt/sql')(Migrations);
