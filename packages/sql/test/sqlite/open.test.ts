import { chmod, copyFile, mkdir, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorOf, tempFolder } from '@asphalt/test-support';
import { Kysely, sql } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';
import { NodeSqliteDialect } from '../../src/sqlite/dialect.ts';
import { SqlOpenError } from '../../src/errors.ts';
import { loadDriver } from '../../src/sqlite/load-driver.ts';
import { open, tempFile, urls } from '../temp-database.ts';

/** Returns the error of opening a file, and its message without the temporary folder. */
async function openFailure(file: string, folder = dirname(file)): Promise<{ error: SqlOpenError; message: string }> {
  const db = new Kysely<unknown>({ dialect: new NodeSqliteDialect({ file, waitMs: 100 }) });
  const error = (await errorOf(sql`select 1`.execute(db))) as SqlOpenError;
  expect(error).toBeInstanceOf(SqlOpenError);
  return { error, message: error.message.replaceAll(folder, '<folder>') };
}

describe('a database file', () => {
  test('is created with its folders, and its data persist', async () => {
    const file = join(tempFolder(), 'data', 'deep', 'pages.db');
    const first = await open(file);
    await first.insertInto('page').values({ url: 'a' }).execute();
    await first.destroy();
    expect(await urls(await open(file))).toEqual(['a']);
  });

  test('contains all data after it is closed: its log is empty', async () => {
    const file = tempFile();
    const first = await open(file);
    await first.insertInto('page').values({ url: 'a' }).execute();
    await first.destroy();
    const copy = join(dirname(file), 'copy.db');
    await copyFile(file, copy);
    expect(await urls(await open(copy))).toEqual(['a']);
  });

  test('that libsql wrote can be read', async () => {
    const file = tempFile();
    await copyFile(new URL('../fixtures/written-by-libsql.db', import.meta.url), file);
    const db = new Kysely<never>({ dialect: new NodeSqliteDialect({ file, waitMs: 100 }) });
    onTestFinished(() => db.destroy());
    const { rows } = await sql`select label, bytes, whole, fraction from sample order by id`.execute(db);
    expect(rows).toEqual([
      { label: 'plain', bytes: Buffer.from([0, 1, 254, 255]), whole: 42, fraction: 0.1 },
      { label: 'Grüße, 世界 😀', bytes: Buffer.alloc(0), whole: 9_007_199_254_740_993n, fraction: -1.5 },
      { label: null, bytes: null, whole: null, fraction: null },
      { label: '42.0', bytes: 'text in a blob column', whole: 1.5, fraction: 7 },
      { label: 'L\ufffdbeck', bytes: null, whole: null, fraction: null },
    ]);
    await sql`insert into sample (bytes) select bytes from sample`.execute(db);
  });

  test('of another format fails with ERR_SQL_OPEN', async () => {
    const file = tempFile('notes.txt');
    await writeFile(file, 'These are notes, and by no means a database.');
    expect((await openFailure(file)).message).toMatchInlineSnapshot(`
      "The database file cannot be opened: it is not an SQLite database
        file         <folder>/notes.txt
        got          file is not a database (SQLite result code 26)
        help         set \`file\` to another path
                     or move this file away to start with an empty database
        code         ERR_SQL_OPEN"
    `);
  });

  test('that is a folder fails with ERR_SQL_OPEN', async () => {
    const file = tempFile('data');
    await mkdir(file);
    expect((await openFailure(file)).message).toMatchInlineSnapshot(`
      "The database file cannot be opened: it is a folder
        file         <folder>/data
        help         set \`file\` to the path of a file in this folder
        code         ERR_SQL_OPEN"
    `);
  });

  test('whose folder is a file fails with ERR_SQL_OPEN', async () => {
    const folder = tempFile('notes.txt');
    await writeFile(folder, '');
    const { error, message } = await openFailure(join(folder, 'pages.db'), dirname(folder));
    expect(error.problem).toBe('no-folder');
    expect(message).toMatchInlineSnapshot(`
      "The database file cannot be opened: its folder cannot be created
        file         <folder>/notes.txt/pages.db
        got          EEXIST: file already exists, mkdir '<folder>/notes.txt'
        help         set \`file\` to a path on which every parent is a folder
        code         ERR_SQL_OPEN"
    `);
  });

  test('that another process has locked is opened after that process releases it', async () => {
    const file = tempFile();
    const { DatabaseSync } = await loadDriver();
    const other = new DatabaseSync(file);
    other.exec('create table held (x); begin exclusive');
    expect((await openFailure(file)).message).toMatchInlineSnapshot(`
      "The database file cannot be opened: another process holds its lock
        file         <folder>/test.db
        got          database is locked (SQLite result code 5)
        help         end the other process, or its transaction
                     or raise the option \`wait\`
        code         ERR_SQL_OPEN"
    `);
    const opened = open(file);
    let ended = false;
    void opened.then(() => (ended = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toBe(false);
    other.exec('commit');
    other.close();
    expect(await urls(await opened)).toEqual([]);
  });

  test.skipIf(process.platform === 'win32')('without write permission fails with ERR_SQL_OPEN', async () => {
    const original = tempFile();
    await (await open(original)).destroy();
    // A copy, because SQLite could reuse a writable descriptor of the original.
    const file = `${original}.copy`;
    await copyFile(original, file);
    await chmod(dirname(file), 0o755);
    await chmod(file, 0o444);
    // The superuser can write every file, so drop its privileges temporarily.
    const superuser = process.geteuid!() === 0;
    if (superuser) process.seteuid!(65_534);
    try {
      expect((await openFailure(file)).error.problem).toBe('no-permission');
      expect((await openFailure(join(dirname(file), 'new', 'pages.db'))).error.problem).toBe('no-permission');
    } finally {
      if (superuser) process.seteuid!(0);
    }
  });

  test('that could not be opened can be opened later', async () => {
    const file = tempFile('data');
    await mkdir(file);
    const db = new Kysely<unknown>({ dialect: new NodeSqliteDialect({ file, waitMs: 100 }) });
    await errorOf(sql`select 1`.execute(db));
    await rmdir(file);
    expect((await sql`select 1 as one`.execute(db)).rows).toEqual([{ one: 1 }]);
    await db.destroy();
  });
});

test('an SqlOpenError reports missing permission, and an unknown problem without help', () => {
  const refused = Object.assign(new Error("EACCES: permission denied, mkdir '/srv/data'"), { code: 'EACCES' });
  expect(new SqlOpenError('/srv/data/pages.db', 'no-permission', refused).message).toMatchInlineSnapshot(`
    "The database file cannot be opened: permission is missing
      file         /srv/data/pages.db
      got          EACCES: permission denied, mkdir '/srv/data'
      help         permit the user that runs the application to read and write the file and its folder
      code         ERR_SQL_OPEN"
  `);
  const unknown = Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 10 });
  expect(new SqlOpenError('/srv/data/pages.db', 'unknown', unknown).message).toMatchInlineSnapshot(`
    "The database file cannot be opened: the driver reported an error
      file         /srv/data/pages.db
      got          disk I/O error (SQLite result code 10)
      code         ERR_SQL_OPEN"
  `);
});
