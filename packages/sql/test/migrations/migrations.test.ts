import { join } from 'node:path';
import { Component, component, inject, provides, startApplication, type Application } from '@asphalt/core';
import { errorOf, tempFolder } from '@asphalt/test-support';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Database, Migrations, SqlComponent, Transaction } from '../../src/index.ts';
import { runModule } from '../other-process.ts';
import { tempFile } from '../temp-database.ts';
import { folderOf, startingWith } from './folder-of.ts';

interface Schema {
  note: { text: string };
}

/** Reads the table when it starts, which fails if the migrations have not run before. */
class Notes {
  constructor(readonly atStart: readonly string[]) {}
}

@component({ components: { sql: SqlComponent } })
class App extends Component {
  @provides(Notes)
  async notes(@inject(Database) db: Database<Schema>): Promise<Notes> {
    return new Notes(await texts(db));
  }
}

@component({ components: { sql: SqlComponent } })
class Plain extends Component {}

const first = "create table note (text text not null);\ninsert into note values ('first');";
const second = `
export async function up(db) {
  await db.insertInto('note').values({ text: 'second' }).execute();
}
export async function down(db) {
  await db.deleteFrom('note').where('text', '=', 'second').execute();
}`;

async function start(root: typeof Plain, sql: object): Promise<Application> {
  const app = await startApplication(root, { config: { components: { sql } } });
  onTestFinished(() => app.stop());
  return app;
}

async function texts(db: Database<Schema>): Promise<string[]> {
  return (await db.selectFrom('note').select('text').execute()).map(({ text }) => text);
}

const two = {
  '001_first.sql': first,
  '001_first.down.sql': 'drop table note',
  '002_second.js': second,
  'README.md': '',
};

describe('the option migrate', () => {
  test('auto runs the migrations before any component receives the database', async () => {
    const file = tempFile();
    const migrations = folderOf(two);
    const { context } = await start(App, { file, migrations });
    expect(context.getResourceSync(Notes).atStart).toEqual(['first', 'second']);
    const again = await start(App, { file, migrations });
    expect(again.context.getResourceSync(Notes).atStart).toEqual(['first', 'second']);
  });

  test('auto runs the migrations before any context receives a transaction', async () => {
    class Early extends Component {
      override async start(@inject(Migrations) _migrations: Migrations): Promise<void> {
        await this.context.run(async (context) => {
          const transaction: Transaction<Schema> = await context.getResource(Transaction);
          await transaction.insertInto('note').values({ text: 'early' }).execute();
        });
      }
    }
    @component({ components: { sql: SqlComponent, early: Early } })
    class Both extends Component {}
    const { context } = await start(Both, { migrations: folderOf(two) });
    expect(await texts(context.getResourceSync(Database))).toEqual(['first', 'second', 'early']);
  });

  test('check fails the start with the migrations that have not run', async () => {
    const migrations = folderOf(two);
    const error = await errorOf(start(Plain, { migrations, migrate: 'check' }));
    expect(error.cause).toMatchObject({ migrations: ['001_first', '002_second'] });
    expect((error.cause as Error).message).toMatchInlineSnapshot(`
      "2 migrations have not run on the database
        1. 001_first
        2. 002_second
        help         run \`asphalt db migrate\` with the configuration of the application
                     or set the option \`migrate\` to auto
        code         ERR_SQL_MIGRATIONS_PENDING"
    `);
  });

  test('check starts the application if all migrations have run', async () => {
    const config = { file: tempFile(), migrations: folderOf(two) };
    await (await start(Plain, config)).stop();
    const { state } = await start(Plain, { ...config, migrate: 'check' });
    expect(state).toBe('started');
  });

  test('off leaves the database as it is', async () => {
    const { context } = await start(Plain, { migrations: folderOf(two), migrate: 'off' });
    expect(await context.getResourceSync(Database).introspection.getTables()).toEqual([]);
  });
});

describe('Migrations', () => {
  test('run and roll back the files of the folder', async () => {
    const { context } = await start(Plain, { migrations: folderOf(two), migrate: 'off' });
    const migrations = context.getResourceSync(Migrations);
    const states = async (): Promise<unknown[]> =>
      (await migrations.status()).map(({ name, ranAt }) => [name, ranAt instanceof Date]);
    expect(await states()).toEqual([
      ['001_first', false],
      ['002_second', false],
    ]);
    expect(await migrations.migrate()).toEqual(['001_first', '002_second']);
    expect(await states()).toEqual([
      ['001_first', true],
      ['002_second', true],
    ]);
    expect(await migrations.rollback()).toBe('002_second');
    expect(await states()).toEqual([
      ['001_first', true],
      ['002_second', false],
    ]);
    expect(await texts(context.getResourceSync(Database))).toEqual(['first']);
    expect(await migrations.rollback()).toBe('001_first');
    expect(await migrations.rollback()).toBeUndefined();
    expect(await migrations.migrate()).toEqual(['001_first', '002_second']);
  });

  test('roll back a failing script with those before it', async () => {
    const files = { '001_first.sql': first, '002_bad.sql': 'delete from note; insert into missing values (1)' };
    const { context } = await start(Plain, { migrations: folderOf(files), migrate: 'off' });
    const error = await errorOf(context.getResourceSync(Migrations).migrate());
    expect(error.message).toMatchInlineSnapshot(`
      "The migration "002_bad" failed
        got          no such table: missing (SQLite result code 1)
        note         the database is unchanged
        code         ERR_SQL_MIGRATION"
    `);
    expect(await context.getResourceSync(Migrations).status()).toMatchObject([
      { ranAt: undefined },
      { ranAt: undefined },
    ]);
  });

  test('that ran in the same millisecond keep the order of their names', async () => {
    const names = ['001-b', '001_B', '001_a', '001B', '001a'];
    const files = Object.fromEntries(names.map((name) => [`${name}.sql`, '']));
    const { context } = await start(Plain, { migrations: folderOf(files), migrate: 'off' });
    const migrations = context.getResourceSync(Migrations);
    expect(await migrations.migrate()).toEqual([...names].sort());
    await context
      .getResourceSync(Database)
      .updateTable('kysely_migration')
      .set({ timestamp: '2026-01-01T00:00:00.000Z' })
      .execute();
    expect(await migrations.migrate()).toEqual([]);
    expect(await errorOf(migrations.rollback())).toMatchObject({ problem: 'no-down', file: '001a' });
  });

  test.each([
    ['a folder that does not exist', undefined],
    ['a module without up', { '001.js': 'export const down = 1' }],
    ['two files with one name', { '001.js': second, '001.sql': first }],
    ['a script that only rolls back', { '001.down.sql': first }],
  ])('reject %s', async (_, files) => {
    const migrations = files ? folderOf(files) : join(tempFolder(), 'missing');
    const { context } = await start(Plain, { migrations, migrate: 'off' });
    const error = await errorOf(context.getResourceSync(Migrations).migrate());
    expect(error.message.replaceAll(join(migrations, '..'), '…')).toMatchSnapshot();
  });

  test('reject a rollback without down', async () => {
    const { context } = await start(Plain, { migrations: folderOf({ '001_first.sql': first }) });
    const error = await errorOf(context.getResourceSync(Migrations).rollback());
    expect(error.message).toMatchSnapshot();
    expect(await texts(context.getResourceSync(Database))).toEqual(['first']);
  });

  test('run once if ten processes start at the same time', { timeout: 60_000 }, async () => {
    const file = tempFile();
    const insert = (text: string): string => `insert into note values ('${text}');`;
    const names = Array.from({ length: 5 }, (_, index) => `00${index + 2}`);
    const files = { '001.sql': first, ...Object.fromEntries(names.map((name) => [`${name}.sql`, insert(name)])) };
    const code = startingWith({ file, wait: '60s', migrations: folderOf(files) });
    const processes = Array.from({ length: 10 }, () => runModule(code));
    for (const { ended } of processes) expect(await ended).toEqual({ stdout: '', stderr: '', code: 0 });
    const { context } = await start(Plain, { file });
    expect(await texts(context.getResourceSync(Database))).toEqual(['first', ...names]);
  });
});
