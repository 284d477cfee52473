import { Migrator, type Migration } from 'kysely';
import type { Database } from './database.ts';
import { SqlMigrationError } from './errors.ts';

/**
 * Runs the migrations that have not run on this database, in the alphabetical order of their names.
 *
 * In SQLite either all of them take effect or none. The table `kysely_migration` lists the migrations that have run.
 *
 * @returns the names of the migrations that this call ran
 * @throws {@link SqlMigrationError} when a migration fails, or when one that has run is missing or out of order
 */
export async function migrate(
  db: Database,
  migrations: Readonly<Record<string, Migration>>,
): Promise<readonly string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error !== undefined) {
    const failed = results.find(({ status }) => status === 'Error')?.migrationName;
    throw new SqlMigrationError(failed, db.getExecutor().adapter.supportsTransactionalDdl, error);
  }
  return results.map(({ migrationName }) => migrationName);
}
