import { Migrator, type Migration, type MigrationResultSet } from 'kysely';
import type { Database } from '../database.ts';
import { SqlMigrationError } from '../errors.ts';
import { SqlMigrationFileError } from './errors.ts';

/**
 * Runs the migrations that have not run on this database, in the alphabetical order of their names. If several processes
 * call it at once, the database lets one of them run migrations at a time.
 *
 * In SQLite and PostgreSQL either all of them take effect or none. The table `kysely_migration` lists the migrations that
 * have run.
 *
 * @returns the names of the migrations that this call ran
 * @throws {@link SqlMigrationError} when a migration fails, or when one that has run is missing or out of order
 */
export async function migrate(
  db: Database,
  migrations: Readonly<Record<string, Migration>>,
): Promise<readonly string[]> {
  const ran = succeeded(db, await migratorFor(db, migrations).migrateToLatest());
  return ran.map(({ migrationName }) => migrationName);
}

/**
 * Rolls back the migration that ran last.
 *
 * @returns its name; undefined if no migration has run
 * @throws {@link SqlMigrationError} when it fails, or when one that has run is missing or out of order
 * @throws {@link SqlMigrationFileError} when it has no `down`
 */
export async function rollback(
  db: Database,
  migrations: Readonly<Record<string, Migration>>,
): Promise<string | undefined> {
  const [last] = succeeded(db, await migratorFor(db, migrations).migrateDown());
  // kysely skips a migration without `down`.
  if (last?.status === 'NotExecuted') throw new SqlMigrationFileError('no-down', last.migrationName);
  return last?.migrationName;
}

export function migratorFor(db: Database, migrations: Readonly<Record<string, Migration>>): Migrator {
  return new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    // kysely sorts the migrations in this order, but compares those that ran in the same millisecond by the locale.
    nameComparator: (a, b) => (a < b ? -1 : Number(a > b)),
  });
}

function succeeded(
  db: Database,
  { error, results = [] }: MigrationResultSet,
): NonNullable<MigrationResultSet['results']> {
  if (error === undefined) return results;
  const failed = results.find(({ status }) => status === 'Error')?.migrationName;
  throw new SqlMigrationError(failed, db.getExecutor().adapter.supportsTransactionalDdl, error);
}
