/** Applications with a database of each kind, for tests that are the same for all of them. */
import { Component, component, startApplication, type Application, type Context } from '@asphalt/core';
import { recordingLogger, type LogLine } from '@asphalt/test-support';
import { mariadbServer, postgresServer, unavailable, type TestServer } from '@asphalt/testing/servers';
import { afterAll, onTestFinished } from 'vitest';
import { Database, SqlComponent, SqlLink, Transaction } from '../../src/index.ts';

export interface Schema {
  page: { url: string; hits: number };
}

export const serverKinds = { PostgreSQL: postgresServer, MariaDB: mariadbServer } as const;
export type ServerName = keyof typeof serverKinds;

/** Why tests of servers are skipped; false if both can be started. */
export const missing = unavailable('postgres') || unavailable('mariadb');

/** Returns a function that starts one server for all tests of a file. */
export function sharedServer(name: ServerName): () => Promise<TestServer> {
  let server: Promise<TestServer> | undefined;
  afterAll(async () => (await server)?.stop());
  return () => (server ??= serverKinds[name]());
}

@component({ components: { sql: SqlComponent } })
class App extends Component {}

export interface SqlApp {
  readonly app: Application;
  readonly context: Context;
  readonly db: Database<Schema>;
  readonly link: SqlLink;
  readonly lines: LogLine[];
}

/** Starts an application with an empty table; the end of the test stops it. */
export async function sqlApp(sql: object): Promise<SqlApp> {
  const { logger, lines } = recordingLogger();
  const limits = { connect: { minDelay: 20, maxDelay: 100 }, ...sql };
  const app = await startApplication(App, { config: { components: { sql: limits } }, logger });
  onTestFinished(() => app.stop());
  const { context } = app;
  const db: Database<Schema> = context.getResourceSync(Database);
  await db.schema.dropTable('page').ifExists().execute();
  await db.schema
    .createTable('page')
    .addColumn('url', 'varchar(100)', (column) => column.primaryKey())
    .addColumn('hits', 'integer', (column) => column.notNull())
    .execute();
  return { app, context, db, lines, link: context.getResourceSync(SqlLink) };
}

export const transactionOf = (context: Context): Promise<Transaction<Schema>> => context.getResource(Transaction);

export async function insert(context: Context, url: string): Promise<void> {
  const transaction = await transactionOf(context);
  await transaction.insertInto('page').values({ url, hits: 0 }).execute();
}

export async function urls(db: Pick<Database<Schema>, 'selectFrom'>): Promise<string[]> {
  const rows = await db.selectFrom('page').select('url').orderBy('url').execute();
  return rows.map(({ url }) => url);
}
