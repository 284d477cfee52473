/** What kysely's own dialects do as well. */
import { errorOf } from '@asphalt/test-support';
import { Kysely, sql, type Dialect } from 'kysely';
import mysql from 'mysql2';
import pg from 'pg';
import Cursor from 'pg-cursor';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Mariadb, mariadbGrammar } from '../../src/mariadb/mariadb.ts';
import { Postgres, postgresGrammar } from '../../src/postgres/postgres.ts';
import { ServerDialect } from '../../src/server/dialect.ts';
import { serverKinds, sharedServer, sqlApp, type ServerName } from './sql-app.ts';

const pool = { server: 'test', min: 0, max: 1, idleMs: 60_000, waitMs: 5000 };
const noLimits = { statementTimeoutMs: undefined, lockTimeoutMs: undefined };

const dialects: Record<ServerName, (url: string) => Dialect> = {
  PostgreSQL: (url) =>
    new ServerDialect(new Postgres(pg.Client, async () => Cursor, { connectionString: url }), postgresGrammar, pool),
  MariaDB: (uri) =>
    new ServerDialect(
      new Mariadb((options) => mysql.createConnection(options), { uri }, noLimits),
      mariadbGrammar(noLimits),
      pool,
    ),
};

describe.each(Object.keys(serverKinds) as ServerName[])('in %s', (name) => {
  const server = sharedServer(name);

  test("kysely's log shows every statement of a transaction that is rolled back", async () => {
    const { url } = await server();
    const statements: string[] = [];
    const db = new Kysely({ dialect: dialects[name](url), log: ({ query }) => void statements.push(query.sql) });
    onTestFinished(() => db.destroy());
    const transaction = await db.startTransaction().setIsolationLevel('serializable').execute();
    const part = await transaction.savepoint('part').execute();
    await part.rollbackToSavepoint('part').execute();
    await transaction.rollback().execute();
    expect(statements).toMatchSnapshot();
  });

  test('the stack of an error contains the caller of the statement', async () => {
    const { db } = await sqlApp({ url: (await server()).url });
    const error = await errorOf(sql`select missing`.execute(db));
    expect(error.message).toContain('missing');
    expect(error.stack).toContain('kysely.test.ts');
  });

  test('a whole number above 2^53 is read as text, with all its digits', async () => {
    const { db } = await sqlApp({ url: (await server()).url });
    await sql`alter table page add big bigint`.execute(db);
    await sql`insert into page (url, hits, big) values ('a', 0, 9007199254740993)`.execute(db);
    const { rows } = await sql`select big from page`.execute(db);
    expect(rows).toEqual([{ big: '9007199254740993' }]);
  });
});
