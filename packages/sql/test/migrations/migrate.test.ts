import { errorOf } from '@asphalt/test-support';
import { sql, type Migration } from 'kysely';
import { describe, expect, test } from 'vitest';
import { migrate } from '../../src/migrations/migrate.ts';
import { open, tempFile, urls } from '../temp-database.ts';

const run = (statement: string): Migration => ({ up: async (db) => void (await sql.raw(statement).execute(db)) });

describe('migrate', () => {
  test('runs each migration once, in the order of their names', async () => {
    const db = await open(tempFile());
    const second = run("insert into page (url) values ('second')");
    const first = run("insert into page (url) values ('first')");
    expect(await migrate(db, { '002': second, '001': first })).toEqual(['001', '002']);
    const third = run("insert into page (url) values ('third')");
    expect(await migrate(db, { '001': first, '002': second, '003': third })).toEqual(['003']);
    expect(await urls(db)).toEqual(['first', 'second', 'third']);
  });

  test('rolls back all migrations of a call in which one fails', async () => {
    const db = await open(tempFile());
    const migrations = { '001 notes': run('create table note (text)'), '002 typo': run('create tabel oops (text)') };
    const error = await errorOf(migrate(db, migrations));
    expect(error.message).toMatchInlineSnapshot(`
      "The migration "002 typo" failed
        got          near "tabel": syntax error (SQLite result code 1)
        note         the database is unchanged
        code         ERR_SQL_MIGRATION"
    `);
    expect(error.cause).toMatchObject({ errcode: 1 });
    expect((await db.introspection.getTables()).map(({ name }) => name)).toEqual(['page', 'version']);
  });

  test('rejects a migration with two statements in one text', async () => {
    const db = await open();
    const migrations = { '001': run('create table one (x); create table two (x)') };
    const error = await errorOf(migrate(db, migrations));
    expect(error.message).toMatchInlineSnapshot(`
      "The migration "001" failed
        got          The text contains more than one SQL statement; none was executed
        note         the database is unchanged
        code         ERR_SQL_MIGRATION"
    `);
    expect(error.cause).toMatchObject({ code: 'ERR_SQL_STATEMENT', problem: 'several' });
    expect((await db.introspection.getTables()).map(({ name }) => name)).toEqual(['page', 'version']);
    expect(await migrate(db, { '001': run('create table one (x); -- done') })).toEqual(['001']);
  });

  test('rejects migrations that lack one that has already run', async () => {
    const db = await open();
    await migrate(db, { '001': run('create table note (text)') });
    const error = await errorOf(migrate(db, { '002': run('create table other (text)') }));
    expect(error.message).toMatchInlineSnapshot(`
      "The migrations could not run
        got          corrupted migrations: previously executed migration 001 is missing
        note         the database is unchanged
        code         ERR_SQL_MIGRATION"
    `);
  });
});
