import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { failure, open, urls } from '../temp-database.ts';

describe('a statement', () => {
  test('tells what it inserted and changed', async () => {
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

  test('may be streamed, and broken off', async () => {
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

  test('keeps what SQLite has a type for, and stores booleans as 1 and 0', async () => {
    const db = await open();
    const values = [null, undefined, 1.5, 'é', 7n, new Uint8Array([1, 2]), true, false];
    const columns = values.map((value, index) => sql`${value} as ${sql.ref(`v${index}`)}`);
    const { rows } = await sql<Record<string, unknown>>`select ${sql.join(columns)}`.execute(db);
    expect(Object.values(rows[0]!)).toEqual([null, null, 1.5, 'é', 7, new Uint8Array([1, 2]), 1, 0]);
  });

  test('refuses every value that SQLite has no type for', async () => {
    const db = await open();
    const refused = [new Date(0), { a: 1 }, [1], Symbol('s'), 2n ** 70n, 'a\0b', new Map(), Object.create(null)];
    const summaries = await Promise.all(
      refused.map(async (value) => (await failure(sql`select ${value}`.execute(db))).message.split('\n')[0]),
    );
    expect(summaries).toMatchInlineSnapshot(`
      [
        "SQLite cannot store a Date",
        "SQLite cannot store an object of type Object",
        "SQLite cannot store an object of type Array",
        "SQLite cannot store a symbol",
        "SQLite cannot store a bigint of more than 64 bits",
        "SQLite cannot store text with a NUL character",
        "SQLite cannot store an object of type Map",
        "SQLite cannot store an object of type null",
      ]
    `);
    const error = await failure(
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

  test('that fails leaves nothing behind and holds nobody up', async () => {
    const db = await open();
    await db.insertInto('page').values({ url: 'a' }).execute();
    const error = await failure(
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
