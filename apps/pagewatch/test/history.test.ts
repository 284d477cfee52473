import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeSqliteDialect, type Database } from '@asphalt/sql';
import { Kysely } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Page } from '../src/detector.ts';
import type { HistorySchema } from '../src/history-schema.ts';
import { History, type Change } from '../src/history.ts';

const news: Page = { name: 'news', url: 'http://localhost/news', title: 'News' };
const other: Page = { name: 'other', url: 'http://localhost/other', title: 'Other' };

let folder: string;
let db: Database<HistorySchema>;
let history: History;

const openDatabase = (): Database<HistorySchema> =>
  new Kysely<HistorySchema>({ dialect: new NodeSqliteDialect({ file: join(folder, 'history.db'), waitMs: 1_000 }) });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pagewatch-'));
  db = openDatabase();
  history = await History.open(db);
});
afterEach(async () => {
  await db.destroy();
  await rm(folder, { recursive: true });
});

const record = (page: Page, text: string, at = 1_000): Promise<Change | undefined> =>
  db.transaction().execute((tx) => history.record({ page, text, at, etag: `"${text}"` }, tx));

const count = async (table: keyof HistorySchema): Promise<number> =>
  (await db.selectFrom(table).selectAll().execute()).length;

describe('what is recorded', () => {
  test('the first version is kept and is no change', async () => {
    expect(await record(news, 'one')).toBeUndefined();
    expect(await history.latest(news)).toEqual({ id: 1, text: 'one', etag: '"one"', lastModified: undefined });
    expect(await history.changes({ limit: 10 })).toEqual([]);
  });

  test('each further version is kept with its difference', async () => {
    await record(news, 'one');
    const change = await record(news, 'two', 2_000);
    expect(change).toMatchObject({ id: 1, page: news, at: 2_000, diff: { added: 1, removed: 1 } });
    expect(await history.change(1)).toEqual(change);
    expect(await count('versions')).toBe(2);
  });

  test('the same text again is not kept', async () => {
    await record(news, 'one');
    expect(await record(news, 'one')).toBeUndefined();
    expect(await count('versions')).toBe(1);
  });

  test('pages do not mix', async () => {
    await record(news, 'one');
    await record(other, 'two');
    expect(await history.changes({ limit: 10 })).toEqual([]);
  });

  test('a page that got another URL begins anew and keeps its past', async () => {
    await record(news, 'one');
    await record(news, 'two');
    const moved = { ...news, url: 'http://localhost/moved' };
    expect(await history.latest(moved)).toBeUndefined();
    expect(await record(moved, 'elsewhere')).toBeUndefined();
    expect(await count('versions')).toBe(3);
    expect(await history.changes({ page: 'news', limit: 10 })).toHaveLength(1);
    expect((await history.page('news'))?.page).toEqual(moved);
  });

  test('all of it is undone with its transaction', async () => {
    await record(news, 'one');
    const failing = db.transaction().execute(async (tx) => {
      await history.record({ page: news, text: 'two', at: 1 }, tx);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await history.latest(news)).toMatchObject({ text: 'one' });
    expect(await history.newestId()).toBe(0);
  });

  test('outlives the process', async () => {
    await record(news, 'one');
    await record(news, 'two');
    await db.destroy();
    db = openDatabase();
    history = await History.open(db);
    expect(await history.latest(news)).toMatchObject({ text: 'two' });
    expect(await history.changes({ limit: 10 })).toHaveLength(1);
  });
});

describe('what is asked for', () => {
  beforeEach(async () => {
    await record(news, '0');
    await record(other, '0');
    for (let index = 1; index <= 4; index += 1) {
      await record(news, `${index}`, index * 10);
      await record(other, `${index}\n${index}`, index * 10 + 1);
    }
  });

  const ids = (changes: readonly Change[]): number[] => changes.map(({ id }) => id);

  test('the latest changes come first, page by page', async () => {
    expect(ids(await history.changes({ limit: 3 }))).toEqual([8, 7, 6]);
    expect(ids(await history.changes({ limit: 3, before: 6 }))).toEqual([5, 4, 3]);
    expect(ids(await history.changes({ limit: 3, page: 'news' }))).toEqual([7, 5, 3]);
    expect(ids(await history.changes({ limit: 3, page: 'news', before: 3 }))).toEqual([1]);
  });

  test('what came after a change comes in order', async () => {
    expect(ids(await history.changesAfter(5, 10))).toEqual([6, 7, 8]);
    expect(ids(await history.changesAfter(5, 2))).toEqual([6, 7]);
    expect(ids(await history.changesAfter(8, 10))).toEqual([]);
    expect(await history.newestId()).toBe(8);
  });

  test('a page tells how much has happened on it', async () => {
    expect(await history.page('news')).toEqual({
      page: news,
      changes: 4,
      lastChangeAt: 40,
      pulse: Array.from({ length: 4 }, () => ({ added: 1, removed: 1 })),
    });
    expect(await history.page('nothing')).toBeUndefined();
    expect(await history.change(99)).toBeUndefined();
  });
});
