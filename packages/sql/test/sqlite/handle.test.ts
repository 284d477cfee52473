import { errorOf } from '@asphalt/test-support';
import { CompiledQuery, sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { open, urls } from '../temp-database.ts';

describe('a statement', () => {
  test('returns inserted ids and the number of changed rows', async () => {
    const db = await open();
    const inserted = await db.insertInto('page').values({ url: 'a' }).executeTakeFirst();
    expect(inserted.insertId).toBe(1n);
    const rows = await db
      .insertInto('page')
      .values([{ url: 'b' }, { url: 'c' }])
      .returning(['id', 'url'])
      .execute();
    expect(rows).toEqual([
      { id: 2, url: 'b' },
      { id: 3, url: 'c' },
    ]);
    const updated = await db.updateTable('page').set({ seen: true }).where('id', '>', 1).executeTakeFirst();
    expect(updated.numUpdatedRows).toBe(2n);
  });

  test('can be streamed, and the stream can be abandoned', async () => {
    const db = await open();
    await db
      .insertInto('page')
      .values([{ url: 'a' }, { url: 'b' }])
      .execute();
    const seen: string[] = [];
    for await (const { url } of db.selectFrom('page').select('url').stream()) {
      seen.push(url);
      break;
    }
    expect(seen).toEqual(['a']);
    await db.deleteFrom('page').execute();
    expect(await urls(db)).toEqual([]);
  });

  test('stores values of the types that SQLite supports, and booleans as 1 and 0', async () => {
    const db = await open();
    const values = [null, undefined, 1.5, 'é', 7n, new Uint8Array([1, 2]), true, false];
    const columns = values.map((value, index) => sql`${value} as ${sql.ref(`v${index}`)}`);
    const { rows } = await sql<Record<string, unknown>>`select ${sql.join(columns)}`.execute(db);
    expect(Object.values(rows[0]!)).toEqual([null, null, 1.5, 'é', 7, Buffer.from([1, 2]), 1, 0]);
  });

  test('rejects values of types that SQLite does not support', async () => {
    const db = await open();
    const refused = [
      new Date(0),
      { a: 1 },
      [1],
      Symbol('s'),
      2n ** 70n,
      'a\0b',
      '\ud800x',
      NaN,
      new Map(),
      Object.create(null),
      Object(5),
    ];
    const summaries = await Promise.all(
      refused.map(async (value) => (await errorOf(sql`select ${value}`.execute(db))).message.split('\n')[0]),
    );
    expect(summaries).toMatchInlineSnapshot(`
      [
        "SQLite cannot store a Date",
        "SQLite cannot store an object of type Object",
        "SQLite cannot store an object of type Array",
        "SQLite cannot store a symbol",
        "SQLite cannot store a bigint of more than 64 bits",
        "SQLite cannot store text with a NUL character",
        "SQLite cannot store text with half of a surrogate pair",
        "SQLite cannot store NaN",
        "SQLite cannot store an object of type Map",
        "SQLite cannot store an object of type null",
        "SQLite cannot store an object of type Number",
      ]
    `);
    const error = await errorOf(
      db
        .updateTable('page')
        .set({ seen: true, url: new Date(0) as never })
        .execute(),
    );
    expect(error.message).toMatchInlineSnapshot(`
      "SQLite cannot store a Date
        statement    update "page" set "seen" = ?, "url" = ?
        parameter    2
        help         store text, date.toISOString(), or a number, date.getTime()
        code         ERR_SQL_VALUE"
    `);
  });

  test('that fails changes no rows and does not block later statements', async () => {
    const db = await open();
    await db.insertInto('page').values({ url: 'a' }).execute();
    const error = await errorOf(
      db
        .insertInto('page')
        .values([{ url: 'b' }, { url: 'a' }])
        .execute(),
    );
    expect(error).toMatchObject({ errcode: 2067 });
    await db.insertInto('page').values({ url: 'c' }).execute();
    expect(await urls(db)).toEqual(['a', 'c']);
  });
});

const several = [
  'insert into page (url) values (1); insert into page (url) values (2)',
  'create table one (x); create table two (x);',
  "select ';' -- ;\n; select 1",
  'select 1; /* two */ select 2',
  'select 1; selec 2',
  'select 1; pragma foreign_keys = off',
];
const single = [
  'select 1;',
  'select 1; ; -- end;\n/* ; */ ;',
  "select ';' /* ; */ || ';' -- ;",
  ';; select 1',
  '-- name: one;\nselect 1',
  'select 1 /* ; unfinished',
];

describe('the text of a statement', () => {
  test.each(several)('is refused if it contains a second statement: %s', async (text) => {
    const db = await open();
    const error = await errorOf(sql.raw(text).execute(db));
    expect(error).toMatchObject({ code: 'ERR_SQL_STATEMENT', problem: 'several', statement: text });
    expect((await sql`select name from sqlite_master where name in ('one', 'two')`.execute(db)).rows).toEqual([]);
    expect(await urls(db)).toEqual([]);
    expect((await sql`pragma foreign_keys`.execute(db)).rows).toEqual([{ foreign_keys: 1 }]);
  });

  test.each(single)('is executed if only comments and semicolons surround one statement: %s', async (text) => {
    const db = await open();
    expect((await sql.raw(text).execute(db)).rows).toHaveLength(1);
  });

  test('can contain a trigger with several statements', async () => {
    const db = await open();
    await sql.raw("create trigger t after insert on page begin select ';'; update page set seen = 1; end;").execute(db);
    await db.insertInto('page').values({ url: 'a' }).execute();
    expect(await db.selectFrom('page').select('seen').execute()).toEqual([{ seen: 1 }]);
  });

  test('can contain thousands of semicolons', async () => {
    const db = await open();
    const text = 'a;'.repeat(50_000);
    expect((await sql.raw(`select '${text}' as text`).execute(db)).rows).toEqual([{ text }]);
  });

  test('is refused with the second statement in the error message', async () => {
    const db = await open();
    expect((await errorOf(sql.raw('select 1; drop table page').execute(db))).message).toMatchInlineSnapshot(`
      "The text contains more than one SQL statement; none was executed
        statement    select 1; drop table page
        second       drop table page
        help         execute each statement separately
        code         ERR_SQL_STATEMENT"
    `);
  });

  test.each(['', ' \n', '-- nothing', '/* nothing */ ;;', '/* unfinished'])(
    'is refused if it contains no statement: %j',
    async (text) => {
      const db = await open();
      const error = await errorOf(sql.raw(text).execute(db));
      expect(error).toMatchObject({ problem: 'empty' });
      expect(error.message.split('\n')[0]).toBe('The text contains no SQL statement');
    },
  );

  test.each(['select 1\0 garbage', "select '\ud800'"])('is refused if SQLite would change it: %j', async (text) => {
    const db = await open();
    expect(await errorOf(sql.raw(text).execute(db))).toMatchObject({ problem: 'unreadable' });
  });

  test('fails with the error of SQLite if it has a syntax error', async () => {
    const db = await open();
    for (const text of ['selec 1', "create tabel x (a text default ';')", 'select * from missing; select 1'])
      expect(await errorOf(sql.raw(text).execute(db))).toMatchObject({ code: 'ERR_SQLITE_ERROR', errcode: 1 });
  });
});

describe('the number of values', () => {
  const mistakes: [text: string, values: unknown[], got: string][] = [
    ['select ? as a, ? as b', [1], '1 values for 2 parameters'],
    ['select ? as a', [1, 2], '2 values for 1 parameters'],
    ['select 1', [1], '1 values for 0 parameters'],
    ["select '?'", [1], '1 values for 0 parameters'],
    ['select /* ? */ ? as a, ? as b', [1], '1 values for 2 parameters'],
    ['select ?3 as a', [1], 'the parameter ?3'],
    ['select :a as a, @b as b, $c as c', [1, 2, 3], 'the parameter :a'],
    ["select '$.a' as path, @b as b", [], 'the parameter @b'],
    ["select '$.a' as path, ? as b", [], '0 values for 1 parameters'],
    ['insert into page (url) values (?), (?)', ['a'], '1 values for 2 parameters'],
  ];
  test.each(mistakes)('is compared with the parameters of %s', async (text, values, got) => {
    const db = await open();
    const error = await errorOf(db.executeQuery(CompiledQuery.raw(text, values)));
    expect(error).toMatchObject({ code: 'ERR_SQL_STATEMENT', problem: 'parameters' });
    expect(error.message).toContain(got);
    expect(await urls(db)).toEqual([]);
  });

  test('can be large', async () => {
    const db = await open();
    const values = Array.from({ length: 32_766 }, (_, index) => index);
    const { rows } = await sql`select 32765 in (${sql.join(values)}) as found`.execute(db);
    expect(rows).toEqual([{ found: 1 }]);
  });

  test('ignores parameter names in quotes', async () => {
    const db = await open();
    const query = CompiledQuery.raw("select ? as a, json_extract(?, '$.b') as \":b\", '?1' as c", [1, '{"b":2}']);
    expect((await db.executeQuery(query)).rows).toEqual([{ a: 1, ':b': 2, c: '?1' }]);
  });
});

test('the number of changed rows is 0 for a statement that is not an insert, update or delete', async () => {
  const db = await open();
  await db
    .insertInto('page')
    .values([{ url: 'a' }, { url: 'b' }])
    .execute();
  expect((await sql`create table other (x)`.execute(db)).numAffectedRows).toBe(0n);
  expect((await sql`delete from page`.execute(db)).numAffectedRows).toBe(2n);
});

test('explain() of kysely leaves no statement open', async () => {
  const db = await open();
  for (const url of ['a', 'b']) {
    await db.selectFrom('page').selectAll().explain();
    await db.insertInto('page').values({ url: 'not inserted' }).explain();
    await db.transaction().execute((transaction) => transaction.insertInto('page').values({ url }).execute());
  }
  expect(await urls(db)).toEqual(['a', 'b']);
  await sql`drop table page`.execute(db);
});

test("an error of a statement that returns rows has SQLite's result code", async () => {
  const db = await open();
  await db.insertInto('page').values({ url: 'a' }).execute();
  const again = db.insertInto('page').values({ url: 'a' }).returning('id').execute();
  expect(await errorOf(again)).toMatchObject({
    code: 'ERR_SQLITE_ERROR',
    errcode: 2067,
    message: 'UNIQUE constraint failed: page.url',
  });
  expect(await errorOf(sql`select json('{')`.execute(db))).toMatchObject({ errcode: 1, message: 'malformed JSON' });
  expect(await urls(db)).toEqual(['a']);
});
