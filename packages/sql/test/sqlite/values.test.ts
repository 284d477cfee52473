import fc from 'fast-check';
import { sql, type Kysely } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { SqlValueError } from '../../src/errors.ts';
import { loadDriver } from '../../src/sqlite/load-driver.ts';
import { losesTinyNumbers } from '../../src/sqlite/values.ts';
import { open } from '../temp-database.ts';

/** Stores a value in a column without a type and reads it again. */
async function roundTrip(db: Kysely<never>, value: unknown): Promise<unknown> {
  const { rows } = await sql<{ value: unknown }>`insert into sample (value) values (${value}) returning value`.execute(
    db,
  );
  return rows[0]?.value;
}

async function openSample(): Promise<Kysely<never>> {
  const db = (await open()) as unknown as Kysely<never>;
  await sql`create table sample (value, label text, whole integer, fraction real, bytes blob)`.execute(db);
  return db;
}

describe('a value', () => {
  test('is read unchanged or rejected when it is stored', async () => {
    const db = await openSample();
    const text = fc.string({ unit: 'binary' });
    const number = fc.double({ noNaN: true }).map((value) => (value === 0 ? 0 : value));
    const bigint = fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n });
    const bytes = fc.uint8Array().map((value) => Buffer.from(value));
    const { DatabaseSync } = await loadDriver();
    const losesTiny = losesTinyNumbers(new DatabaseSync(':memory:'));
    const values = fc.oneof(text, number, fc.maxSafeInteger(), bigint, bytes, fc.constant(null));
    const expected = (value: unknown): unknown => {
      if (typeof value === 'string') return /\0|\p{Surrogate}/u.test(value) ? 'ERR_SQL_VALUE' : value;
      if (typeof value === 'number' && value > 0 && value < Number.EPSILON) return losesTiny ? 'ERR_SQL_VALUE' : value;
      if (typeof value !== 'bigint') return value;
      if (BigInt.asIntN(64, value) !== value) return 'ERR_SQL_VALUE';
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    };
    const property = fc.asyncProperty(values, async (value) => {
      const read = await roundTrip(db, value).catch((error: unknown) => (error as SqlValueError).code);
      expect(read).toEqual(expected(value));
    });
    await fc.assert(property, { numRuns: 300 });
  });

  test('of every binary type can be stored, read, stored again and compared', async () => {
    const db = await openSample();
    const kinds: [unknown, number[]][] = [
      [Buffer.from('xxabcxx').subarray(2, 5), [97, 98, 99]],
      [new Uint8Array([1, 2]), [1, 2]],
      [new Uint8Array([9]).buffer, [9]],
      [new DataView(new Uint8Array([1, 2, 3]).buffer, 1), [2, 3]],
      [new Uint8ClampedArray([300]), [255]],
      [new Uint16Array([1]), [1, 0]],
      [new Float32Array([1]), [0, 0, 128, 63]],
      [new Uint8Array(0), []],
    ];
    for (const [value, expected] of kinds) {
      const bytes = await roundTrip(db, value);
      expect(bytes).toEqual(Buffer.from(expected));
      expect(await roundTrip(db, bytes)).toEqual(bytes);
      const { rows } = await sql`select count(*) as n from sample where value = ${bytes}`.execute(db);
      expect(rows).toEqual([{ n: 2 }]);
      await sql`delete from sample`.execute(db);
    }
  });

  test('that is a whole number is an integer in SQL', async () => {
    const db = await openSample();
    await sql`insert into sample (label, whole, fraction, value) values (${42}, ${42}, ${42}, ${42})`.execute(db);
    const { rows } = await sql`
      select label, whole, fraction, value, ${7} / ${2} as half, json_object('n', ${5}) as json, ${'id-'} || ${5} as key
      from sample where label = ${42}`.execute(db);
    expect(rows).toEqual([{ label: '42', whole: 42, fraction: 42, value: 42, half: 3, json: '{"n":5}', key: 'id-5' }]);
  });

  test('above the safe integers is read as a bigint', async () => {
    const db = await openSample();
    const large = [2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
    for (const value of large) expect(await roundTrip(db, value)).toBe(value);
    for (const value of [2n ** 53n - 1n, -(2n ** 53n) + 1n]) expect(await roundTrip(db, value)).toBe(Number(value));
    expect(await roundTrip(db, Infinity)).toBe(Infinity);
    const { insertId } = await db
      .insertInto('sample' as never)
      .values({ rowid: 2n ** 62n } as never)
      .executeTakeFirstOrThrow();
    expect(insertId).toBe(2n ** 62n);
  });

  test('with text in another encoding is read with replacement characters', async () => {
    const db = await openSample();
    const { rows } = await sql`select cast(x'4cfc6265636b' as text) as label, x'ff' || '' as mixed`.execute(db);
    expect(rows).toEqual([{ label: 'L\ufffdbeck', mixed: '\ufffd' }]);
  });
});

test('a row is a plain object with any column names', async () => {
  const db = await openSample();
  const { rows } = await sql<object>`select 1 as "__proto__", 2 as "constructor", 3 as a, 4 as a`.execute(db);
  expect(Object.getPrototypeOf(rows[0])).toBe(Object.prototype);
  expect(Object.entries(rows[0]!)).toEqual([
    ['__proto__', 1],
    ['constructor', 2],
    ['a', 4],
  ]);
});
