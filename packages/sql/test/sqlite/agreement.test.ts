import fc from 'fast-check';
import { CompiledQuery, type Kysely } from 'kysely';
import { expect, test } from 'vitest';
import { open, tempFile, type Schema } from '../temp-database.ts';

const statements = [
  'select url, seen from page',
  'select last_insert_rowid() as id, changes() as n',
  'insert into page (url) values (?) returning id',
  'insert into page (url) values (?)',
  'update page set seen = ? returning *',
  'with w as (select max(id) as id from page) select id from w',
  'with w as (select ? as url) insert or ignore into page (url) select url from w',
  'delete from page where id > 2 returning url',
  'create table if not exists note (a, b)',
  'create temp table if not exists page (id, url, seen)',
  'drop table if exists temp.page',
  'alter table note add column z',
  'alter table note rename column a to c',
  'drop table if exists note',
  'insert into note values (1, ?)',
  'select * from note',
  'pragma table_info(note)',
  'pragma foreign_keys = off',
  'pragma foreign_keys',
  'pragma user_version = 5',
  'pragma user_version',
  'pragma case_sensitive_like = on',
  "select 'A' like 'a' as same",
  "attach ':memory:' as other",
  'create table if not exists other.entry (x)',
  'select * from entry',
  'detach other',
  'vacuum',
  'begin',
  'commit',
];
const prefixes = ['', '/* c; */ ', '-- c;\n', ';'];
const suffixes = ['', ';', ' -- ;', '; select 1'];

async function outcomes(db: Kysely<Schema>, texts: readonly string[]): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (const text of texts) {
    const values = Array.from(text.matchAll(/\?/g), (_, index) => index + seen.length);
    const outcome = db.executeQuery(CompiledQuery.raw(text, values)).catch((error: unknown) => String(error));
    seen.push(await outcome);
    // The next transaction can start after every statement.
    await db.transaction().execute(async () => undefined);
  }
  return seen;
}

test('databases in a file and in memory return the same results for every sequence of statements', async () => {
  const text = fc.tuple(fc.constantFrom(...prefixes), fc.constantFrom(...statements), fc.constantFrom(...suffixes));
  const sequence = fc.array(
    text.map((parts) => parts.join('')),
    { minLength: 5, maxLength: 15 },
  );
  const property = fc.asyncProperty(sequence, async (texts) => {
    const [inMemory, inFile] = [await open(), await open(tempFile())];
    expect(await outcomes(inFile, texts)).toEqual(await outcomes(inMemory, texts));
    await inMemory.destroy();
    await inFile.destroy();
  });
  await fc.assert(property, { numRuns: 20 });
});
