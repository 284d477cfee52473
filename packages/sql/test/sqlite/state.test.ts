import { errorOf } from '@asphalt/test-support';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { open, tempFile, urls } from '../temp-database.ts';

const places = [
  ['in a file', tempFile],
  ['in memory', async () => undefined],
] as const;

describe.each(places)('the state of the connection to a database %s', (_, place) => {
  test('includes temporary tables, even one with the name of a permanent table', async () => {
    const db = await open(await place());
    await db.insertInto('page').values({ url: 'kept' }).execute();
    await db.schema.createTable('page').temporary().addColumn('id', 'integer').addColumn('url', 'text').execute();
    await db.insertInto('page').values({ url: 'temporary' }).execute();
    expect(await urls(db)).toEqual(['temporary']);
    expect((await sql`select url from main.page`.execute(db)).rows).toEqual([{ url: 'kept' }]);
    const listed = await sql<{ name: string }>`select name from sqlite_temp_master where type = 'table'`.execute(db);
    expect(listed.rows).toEqual([{ name: 'page' }]);
  });

  test('includes temporary views and triggers', async () => {
    const db = await open(await place());
    await sql`create temp trigger seen after insert on page begin update page set seen = 7; end`.execute(db);
    await sql`create temp view seen_page as select url, seen from page`.execute(db);
    await db.insertInto('page').values({ url: 'a' }).execute();
    expect((await sql`select * from seen_page`.execute(db)).rows).toEqual([{ url: 'a', seen: 7 }]);
  });

  test('includes attached databases', async () => {
    const db = await open(await place());
    await sql`attach database ${tempFile('other.db')} as other`.execute(db);
    await sql`create table other.note (text)`.execute(db);
    await sql`insert into other.note values ('a')`.execute(db);
    expect((await sql`select text from note`.execute(db)).rows).toEqual([{ text: 'a' }]);
    await sql`detach database other`.execute(db);
    expect(await errorOf(sql`select text from note`.execute(db))).toMatchObject({ errcode: 1 });
  });

  test('includes the results of the last write', async () => {
    const db = await open(await place());
    await db
      .insertInto('page')
      .values([{ url: 'a' }, { url: 'b' }])
      .execute();
    const last = await sql`select last_insert_rowid() as id, changes() as n, Total_Changes() as total`.execute(db);
    expect(last.rows).toEqual([{ id: 2, n: 2, total: 2 }]);
    const nested = await sql`/* nested */ with w as (select CHANGES() as n) select n from w, page limit 1`.execute(db);
    expect(nested.rows).toEqual([{ n: 2 }]);
  });

  test('includes pragmas that change reading', async () => {
    const db = await open(await place());
    await db.insertInto('page').values({ url: 'abc' }).execute();
    const like = async (): Promise<number> =>
      (await db.selectFrom('page').select('id').where('url', 'like', 'ABC').execute()).length;
    expect(await like()).toBe(1);
    await sql`-- case-sensitive
      pragma Case_Sensitive_Like = on`.execute(db);
    expect(await like()).toBe(0);
  });

  test('includes pragmas that change writing', async () => {
    const db = await open(await place());
    await sql`pragma foreign_keys = off`.execute(db);
    expect((await sql`pragma foreign_keys`.execute(db)).rows).toEqual([{ foreign_keys: 0 }]);
    await db.insertInto('version').values({ page: 7 }).execute();
    expect((await sql`pragma foreign_key_check`.execute(db)).rows).toMatchObject([{ table: 'version' }]);
    await sql`pragma user_version = 7`.execute(db);
    expect((await sql`pragma user_version`.execute(db)).rows).toEqual([{ user_version: 7 }]);
  });

  test('includes a transaction that raw statements control on a connection', async () => {
    const db = await open(await place());
    await db.connection().execute(async (connection) => {
      await sql`savepoint a`.execute(connection);
      await connection.insertInto('page').values({ url: 'undone' }).execute();
      expect(await urls(connection)).toEqual(['undone']);
      await sql`rollback to a`.execute(connection);
      await sql`release a`.execute(connection);
      await sql`begin`.execute(connection);
      await connection.insertInto('page').values({ url: 'kept' }).execute();
      await sql`commit`.execute(connection);
    });
    expect(await urls(db)).toEqual(['kept']);
  });

  test('allows vacuum, analyze and reindex', async () => {
    const db = await open(await place());
    for (const text of ['vacuum', '/* all */ analyze', 'reindex', 'pragma optimize', 'pragma incremental_vacuum'])
      await sql.raw(text).execute(db);
    expect((await sql`pragma integrity_check`.execute(db)).rows).toEqual([{ integrity_check: 'ok' }]);
  });
});

describe('a database in a file', () => {
  test('rejects pragmas that change how its connections share the file', async () => {
    const db = await open(tempFile());
    const refused = ['journal_mode = delete', 'main.journal_mode(off)', 'LOCKING_MODE = exclusive', 'busy_timeout = 9'];
    for (const text of refused) {
      const error = await errorOf(sql`/* set */ pragma ${sql.raw(text)}`.execute(db));
      expect(error).toMatchObject({ code: 'ERR_SQL_STATEMENT', problem: 'setting' });
    }
    await sql`pragma journal_mode = WAL`.execute(db);
    expect((await sql`pragma journal_mode`.execute(db)).rows).toEqual([{ journal_mode: 'wal' }]);
    expect((await errorOf(sql`pragma busy_timeout = 5000`.execute(db))).message).toMatchInlineSnapshot(`
      "The SQL statement changes a setting that the driver relies on
        statement    pragma busy_timeout = 5000
        setting      busy_timeout
        help         remove the statement; the option \`wait\` limits how long statements wait
        code         ERR_SQL_STATEMENT"
    `);
  });

  test('can be read during a transaction by every statement that only reads', async () => {
    const db = await open(tempFile(), 20);
    await db.insertInto('page').values({ url: 'before' }).execute();
    const transaction = await db.startTransaction().execute();
    await transaction.insertInto('page').values({ url: 'within' }).execute();
    const reading = [
      '/* list */ select count(*) as n from page',
      '-- name: count\nselect count(*) as n from page',
      'with c as (select count(*) as n from page) select n from c',
      'with recursive c(n) as (select 1 union all select n + 1 from c where n < 9) select n from c where n = 1',
      'values (1)',
      'pragma table_info(page)',
      '/* schema */ pragma index_list(page)',
      "select name from pragma_table_info('page')",
    ];
    for (const text of reading) expect((await sql.raw<object>(text).execute(db)).rows.length).toBeGreaterThan(0);
    for (const text of reading.slice(0, 3)) expect((await sql.raw(text).execute(db)).rows).toEqual([{ n: 1 }]);
    expect(await db.selectFrom('page').selectAll().explain()).not.toEqual([]);
    expect((await sql`explain delete from page`.execute(db)).rows).not.toEqual([]);
    await transaction.rollback().execute();
  });

  test('permits one user at a time if it has temporary tables', async () => {
    const db = await open(tempFile(), 20);
    await sql`create temp table scratch (x)`.execute(db);
    const transaction = await db.startTransaction().execute();
    expect((await errorOf(urls(db))).message).toMatchInlineSnapshot(`
      "The database was busy for 20 ms: a transaction of this process is open
        statement    select "url" from "page" order by "id"
        note         with temporary tables, attached databases or some pragmas, only one user can access a file at a time
        help         in a context that has a Transaction, send the statement through it, not through the Database
                     or end transactions sooner: do slow work before they start or after they end
                     or raise the option \`wait\`
        code         ERR_SQL_BUSY"
    `);
    await transaction.rollback().execute();
    expect(await urls(db)).toEqual([]);
  });

  test('can be read during a transaction by full-text search and other virtual tables', async () => {
    const db = await open(tempFile(), 20);
    await sql`create virtual table note using fts5(text)`.execute(db);
    await sql`insert into note values ('hello world')`.execute(db);
    await sql`create virtual table area using rtree(id, low, high)`.execute(db);
    await sql`insert into area values (1, 0, 5)`.execute(db);
    const transaction = await db.startTransaction().execute();
    const found =
      await sql`select snippet(note, 0, '[', ']', '', 5) as text from note where note match 'hello'`.execute(db);
    expect(found.rows).toEqual([{ text: '[hello] world' }]);
    expect((await sql`select id from area where high > 3`.execute(db)).rows).toEqual([{ id: 1 }]);
    expect((await sql`select value from json_each('[7]')`.execute(db)).rows).toEqual([{ value: 7 }]);
    expect(await errorOf(sql`insert into note(note) values ('optimize')`.execute(db))).toMatchObject({
      code: 'ERR_SQL_BUSY',
    });
    await transaction.rollback().execute();
  });

  test('reports changed tables in pragmas', async () => {
    const db = await open(tempFile());
    const columns = sql<{ name: string }>`select name from pragma_table_info('note')`;
    const count = async (): Promise<number[]> => [
      (await columns.execute(db)).rows.length,
      (await sql`pragma table_info(note)`.execute(db)).rows.length,
    ];
    expect(await count()).toEqual([0, 0]);
    await sql`create table note (text)`.execute(db);
    expect(await count()).toEqual([1, 1]);
    await sql`alter table note add column more`.execute(db);
    expect(await count()).toEqual([2, 2]);
  });

  test('returns rows with the current columns after another process changed a table', async () => {
    const file = tempFile();
    const [db, other] = [await open(file), await open(file)];
    await sql`create table note (text)`.execute(db);
    const insert = sql`insert into note values ('a') returning *`;
    const select = sql`select * from note limit 1`;
    expect((await insert.execute(db)).rows).toEqual([{ text: 'a' }]);
    expect((await select.execute(db)).rows).toEqual([{ text: 'a' }]);
    await sql`alter table note rename column text to title`.execute(other);
    expect((await insert.execute(db)).rows).toEqual([{ title: 'a' }]);
    expect((await select.execute(db)).rows).toEqual([{ title: 'a' }]);
    await sql`alter table note add column more default 5`.execute(other);
    expect((await select.execute(db)).rows).toEqual([{ title: 'a', more: 5 }]);
    await sql`drop table note`.execute(db);
    await sql`create table note (other)`.execute(db);
    expect((await insert.execute(db)).rows).toEqual([{ other: 'a' }]);
    expect((await select.execute(db)).rows).toEqual([{ other: 'a' }]);
  });

  test('permits every kind of writing statement only in turn', async () => {
    const db = await open(tempFile(), 20);
    const transaction = await db.startTransaction().execute();
    const writing = [
      "/* audit */ insert into page (url) values ('a')",
      "-- first\ninsert into page (url) values ('a') returning id",
      "with w as (select 'a' as url) insert into page (url) select url from w",
      "with w as (select 'a' as url) insert into page (url) select url from w returning id",
      ';; delete from page',
      '/* */ pragma user_version = 3',
      'create table other (x)',
      'delete from page returning id',
      'vacuum',
      'begin',
      'savepoint a',
    ];
    for (const text of writing)
      expect(await errorOf(sql.raw(text).execute(db))).toMatchObject({ code: 'ERR_SQL_BUSY', holder: 'transaction' });
    await transaction.commit().execute();
    for (const text of writing.slice(0, 1)) await sql.raw(text).execute(db);
    expect(await urls(db)).toEqual(['a']);
  });
});
