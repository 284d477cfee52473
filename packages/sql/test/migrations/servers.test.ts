import { Component, component, type Context } from '@asphalt/core';
import { startTestApplication, type TestApplication } from '@asphalt/testing';
import { mariadbServer, postgresServer, unavailable, type TestServer } from '@asphalt/testing/servers';
import { errorOf } from '@asphalt/test-support';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Database, Migrations, SqlComponent, Transaction } from '../../src/index.ts';
import { runModule } from '../other-process.ts';
import { folderOf, startingWith } from './folder-of.ts';

interface Schema {
  note: { text: string };
}

@component({ components: { sql: SqlComponent } })
class App extends Component {}

const databases = [
  ['postgres', postgresServer],
  ['mariadb', mariadbServer],
] as const;

const create = `create table note (text varchar(50) primary key); -- one; two
insert into note values ('it''s; first');`;

describe.for(databases)('on %s', ([name, start]) => {
  const reason = unavailable(name);
  let server: TestServer;

  beforeAll(async () => {
    if (reason === false) server = await start();
  }, 60_000);

  afterAll(() => server?.stop());

  async function starting(options: object): Promise<TestApplication> {
    const app = await startTestApplication(App, { config: { components: { sql: { url: server.url, ...options } } } });
    onTestFinished(() => app.stop());
    return app;
  }

  /** Removes the tables when the test ends. */
  function cleanUp(): void {
    onTestFinished(async () => {
      const { context } = await startTestApplication(App, { config: { components: { sql: { url: server.url } } } });
      for (const table of ['note', 'kysely_migration', 'kysely_migration_lock'])
        await sql`drop table if exists ${sql.table(table)}`.execute(context.getResourceSync(Database));
    });
  }

  const databaseOf = (context: Context): Database<Schema> => context.getResourceSync(Database);

  async function texts(db: Database<Schema>): Promise<string[]> {
    return (await db.selectFrom('note').select('text').orderBy('text').execute()).map(({ text }) => text);
  }

  async function insert(on: Database<Schema>, text: string): Promise<void> {
    await on.insertInto('note').values({ text }).execute();
  }

  test.skipIf(reason)('scripts run and roll back', async () => {
    cleanUp();
    const migrations = folderOf({
      '001.sql': create,
      '001.down.sql': 'drop table note;',
      '002.sql': `insert into note values ('second')`,
      '002.down.sql': `delete from note where text = 'second'`,
    });
    const { context } = await starting({ migrations });
    expect(await texts(databaseOf(context))).toEqual(["it's; first", 'second']);
    const resource = context.getResourceSync(Migrations);
    expect(await resource.rollback()).toBe('002');
    expect(await texts(databaseOf(context))).toEqual(["it's; first"]);
    expect((await resource.status()).map(({ ranAt }) => ranAt instanceof Date)).toEqual([true, false]);
    expect(await resource.rollback()).toBe('001');
  });

  test.skipIf(reason)('a migration that fails is named, with what has taken effect', async () => {
    cleanUp();
    const migrations = folderOf({ '001.sql': create, '002.sql': 'create tabel x (y integer)' });
    const { context } = await starting({ migrations, migrate: 'off' });
    const error = await errorOf(context.getResourceSync(Migrations).migrate());
    expect(error).toMatchObject({ code: 'ERR_SQL_MIGRATION', migration: '002' });
    const note = name === 'postgres' ? 'the database is unchanged' : 'the migrations before it have taken effect';
    expect(error.message).toMatch(note);
    const ran = (await context.getResourceSync(Migrations).status()).map(({ ranAt }) => ranAt !== undefined);
    expect(ran).toEqual(name === 'postgres' ? [false, false] : [true, false]);
  });

  test.skipIf(reason)('migrations run once if ten processes start at the same time', { timeout: 60_000 }, async () => {
    cleanUp();
    const names = Array.from({ length: 5 }, (_, index) => `00${index + 2}`);
    const scripts = names.map((each) => [`${each}.sql`, `insert into note values ('${each}')`]);
    const migrations = folderOf({ '001.sql': create, ...Object.fromEntries(scripts) });
    const code = startingWith({ url: server.url, timeout: '50s', migrations });
    const processes = Array.from({ length: 10 }, () => runModule(code));
    for (const { ended } of processes) expect(await ended).toEqual({ stdout: '', stderr: '', code: 0 });
    const { context } = await starting({});
    expect(await texts(databaseOf(context))).toEqual([...names, "it's; first"]);
  });

  test.skipIf(reason)('the option statementTimeout does not limit migrations', async () => {
    cleanUp();
    const sleep = name === 'postgres' ? 'select pg_sleep(0.3)' : 'select sleep(0.3)';
    const migrations = folderOf({ '001.sql': `${create}\n${sleep};\nupdate note set text = 'done'` });
    const { context } = await starting({ migrations, statementTimeout: '100ms', pool: { max: 1 } });
    const db = databaseOf(context);
    await context.run((request) => request.getResource(Transaction));
    expect(await texts(db)).toEqual(['done']);
    const limited = await errorOf(sql.raw(sleep).execute(db));
    expect(limited.message).toMatch(/statement timeout|max_statement_time/);
  });

  test.skipIf(reason)('the option rollback undoes the changes of a test, and a failure only itself', async () => {
    cleanUp();
    const migrated = await starting({ migrations: folderOf({ '001.sql': create }) });
    const app = await starting({ rollback: true });
    const db = databaseOf(app.context);
    const results = await Promise.allSettled(['a', "it's; first", 'b'].map((text) => insert(db, text)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await app.context.run(async (context) => {
      const transaction: Transaction<Schema> = await context.getResource(Transaction);
      await insert(transaction, 'c');
    });
    const broken = new Error('broken');
    const failing = app.context.run(async (context) => {
      const transaction: Transaction<Schema> = await context.getResource(Transaction);
      await insert(transaction, 'd');
      throw broken;
    });
    expect(await errorOf(failing)).toBe(broken);
    expect(await texts(db)).toEqual(['a', 'b', 'c', "it's; first"]);
    await app.stop();
    expect(app.logs.filter(({ level }) => level !== 'debug' && level !== 'info')).toEqual([]);
    expect(await texts(databaseOf(migrated.context))).toEqual(["it's; first"]);
  });
});
