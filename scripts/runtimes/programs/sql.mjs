// Tests a database in a file and one in memory with the given driver, or the runtime's preferred one.

import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompiledQuery, Kysely, sql } from '../../../packages/sql/node_modules/kysely/dist/esm/index.js';
import { NodeSqliteDialect } from '../../../packages/sql/dist/index.js';

const driver = process.argv[2];
const folder = await mkdtemp(join(tmpdir(), 'asphalt-sql-'));
const open = (file, waitMs = 5000) => new Kysely({ dialect: new NodeSqliteDialect({ file, waitMs, driver }) });
const rows = async (db, text, ...values) => (await db.executeQuery(CompiledQuery.raw(text, values))).rows;
const code = (promise) => promise.then(assert.fail, (error) => error.code);

async function values(db) {
  const stored = ['é', 42, 0.1, 2n ** 62n, new Uint8Array([1, 255]), true, null];
  const [row] = await rows(db, 'select ? as a, ? as b, ? as c, ? as d, ? as e, ? as f, ? as g', ...stored);
  const read = ['é', 42, 0.1, 2n ** 62n, Buffer.from([1, 255]), 1, null];
  assert.deepEqual(Object.values(row), read);
  assert.deepEqual(await rows(db, "select cast(x'4cfc' as text) as t, 7 / ? as half", 2), [{ t: 'L\ufffd', half: 3 }]);
  for (const value of ['a\0b', '\ud800', NaN, new Date(0), {}])
    assert.equal(await code(rows(db, 'select ?', value)), 'ERR_SQL_VALUE');
  await rows(db, 'create table number (text text)');
  assert.deepEqual(await rows(db, 'insert into number values (?) returning text', 42), [{ text: '42' }]);
}

async function statements(db) {
  await rows(db, 'create table page (id integer primary key, url text unique)');
  const refused = ['', '-- nothing', 'select 1; select 2', 'select ?', 'select :a', 'select 1\0'];
  for (const text of refused) assert.equal(await code(rows(db, text)), 'ERR_SQL_STATEMENT', text);
  assert.deepEqual(await rows(db, "select ';' as a; -- end;"), [{ a: ';' }]);
  const { insertId } = await db.insertInto('page').values({ url: 'a' }).executeTakeFirst();
  assert.equal(insertId, 1n);
  const again = db.insertInto('page').values({ url: 'a' }).returning('id');
  await assert.rejects(again.execute(), { code: 'ERR_SQLITE_ERROR', errcode: 2067 });
  await db.insertInto('page').values({ url: 'b' }).explain();
  await rows(db, '/* a comment first */ with w as (select 2 as id) insert into page select id, null from w');
  assert.deepEqual(await rows(db, 'select last_insert_rowid() as id, changes() as n'), [{ id: 2, n: 1 }]);
  await rows(db, 'create temp table page (id)');
  assert.deepEqual(await rows(db, 'select count(*) as n from page'), [{ n: 0 }]);
  await rows(db, 'drop table temp.page');
}

async function transactions(db) {
  const first = await db.startTransaction().execute();
  const second = db.startTransaction().execute();
  await first.deleteFrom('page').execute();
  await first.rollback().execute();
  const transaction = await second;
  assert.equal(await code(db.insertInto('page').values({ url: 'c' }).execute()), 'ERR_SQL_BUSY');
  await transaction.insertInto('page').values({ url: 'b' }).execute();
  await transaction.commit().execute();
  assert.equal((await rows(db, 'select * from page')).length, 3);
}

try {
  for (const file of [undefined, join(folder, 'new', 'pages.db')]) {
    const db = open(file, 50);
    await values(db);
    await statements(db);
    await transactions(db);
    await db.destroy();
  }
  const db = open(join(folder, 'new', 'pages.db'));
  await rows(db, 'create virtual table note using fts5(text)');
  await rows(db, 'create virtual table area using rtree(id, low, high)');
  const transaction = await db.startTransaction().execute();
  await transaction.deleteFrom('page').execute();
  assert.deepEqual(await rows(db, "select text from note, area where note match 'a'"), []);
  const counts = [rows(db, '/* */ select count(*) as n from page'), rows(db, "pragma table_info('page')")];
  assert.deepEqual(
    (await Promise.all(counts)).map(({ length }) => length),
    [1, 2],
  );
  assert.deepEqual(await rows(db, 'select count(*) as n from page'), [{ n: 3 }]);
  await transaction.rollback().execute();
  for (const text of ['vacuum', 'analyze', 'pragma case_sensitive_like = on']) await rows(db, text);
  assert.equal(await code(rows(db, '/* */ pragma busy_timeout = 9')), 'ERR_SQL_STATEMENT');
  assert.deepEqual(await rows(db, "select 'A' like 'a' as same"), [{ same: 0 }]);
  await db.destroy();

  const written = join(folder, 'written.db');
  await copyFile(new URL('../../../packages/sql/test/fixtures/written-by-libsql.db', import.meta.url), written);
  const old = open(written);
  assert.deepEqual((await sql`select whole from sample limit 2`.execute(old)).rows[1], { whole: 9007199254740993n });
  await old.destroy();
  console.log('done');
} finally {
  await rm(folder, { recursive: true, force: true });
}
