/** Opens databases in temporary folders, which are closed and removed when their test ends. */
import { join } from 'node:path';
import { tempFolder } from '@asphalt/test-support';
import { Kysely, sql, type ColumnType, type Generated } from 'kysely';
import { onTestFinished } from 'vitest';
import { NodeSqliteDialect } from '../src/sqlite/dialect.ts';

/** A boolean is stored and read as a number. */
type Flag = ColumnType<number, boolean | null, boolean>;

export interface Schema {
  page: { id: Generated<number>; url: string; seen?: Flag };
  /** Its foreign key is checked at commit. */
  version: { id: Generated<number>; page: number };
}

export function tempFile(name = 'test.db'): string {
  return join(tempFolder(), name);
}

/** Opens a database and creates missing tables. */
export async function open(file?: string, waitMs = 5000): Promise<Kysely<Schema>> {
  const db = new Kysely<Schema>({ dialect: new NodeSqliteDialect({ file, waitMs }) });
  onTestFinished(() => db.destroy());
  await createTables(db);
  return db;
}

// oxlint-disable-next-line typescript/no-explicit-any -- the tables do not exist yet
export async function createTables(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable('page')
    .ifNotExists()
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('url', 'text', (column) => column.notNull().unique())
    .addColumn('seen', 'integer')
    .execute();
  await db.schema
    .createTable('version')
    .ifNotExists()
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('page', 'integer', (column) =>
      column.references('page.id').modifyEnd(sql`deferrable initially deferred`),
    )
    .execute();
}

export async function urls(db: Kysely<Schema>): Promise<string[]> {
  const rows = await db.selectFrom('page').select('url').orderBy('id').execute();
  return rows.map(({ url }) => url);
}
