import { join } from 'node:path';
import type { Database, Transaction } from '@asphalt/sql';
import { tempFolder } from '@asphalt/test-support';
import { PostgresAdapter, sql, SqliteAdapter } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Page } from '../src/detector.ts';
import type { HistorySchema } from '../src/history-schema.ts';
import { diffTexts } from '../src/diff.ts';
import { History, type Change } from '../src/history.ts';
import { Outbox, type OutboxChange } from '../src/outbox.ts';
import { openDatabase } from './open-database.ts';
import { useDatabases } from './test-database.ts';

const databases = useDatabases();

const news: Page = { name: 'news', url: 'http://localhost/news', title: 'News' };
const other: Page = { name: 'other', url: 'http://localhost/other', title: 'Other' };

let folder: string;
let db: Database<HistorySchema>;
let close: () => Promise<void>;
let outbox: FailingOutbox;
let history: History;

/** An outbox that can let the commits of its transactions fail. */
class FailingOutbox extends Outbox {
  fails = false;

  override async add(change: OutboxChange, tx: Transaction<HistorySchema>): Promise<boolean> {
    const hasMail = await super.add(change, tx);
    if (this.fails) await failCommit(tx);
    return hasMail;
  }
}

/** SQLite checks a foreign key at the commit. Servers end the connection. */
async function failCommit(tx: Transaction<HistorySchema>): Promise<void> {
  const { adapter } = tx.getExecutor();
  if (adapter instanceof SqliteAdapter) {
    await sql`pragma defer_foreign_keys = on`.execute(tx);
    await tx.updateTable('mail').set({ page: 'missing' }).execute();
  } else {
    const end =
      adapter instanceof PostgresAdapter ? 'select pg_terminate_backend(pg_backend_pid())' : 'kill connection_id()';
    await sql
      .raw(end)
      .execute(tx)
      .catch(() => undefined);
  }
}

const work = { diff: async (before: string, after: string) => diffTexts(before, after) };

async function open(): Promise<void> {
  const database = await openDatabase<HistorySchema>(await databases.at(join(folder, 'history.db')));
  ({ db, close } = database);
  outbox = new FailingOutbox(db);
  history = await History.open({ ...database, outbox, work });
}

beforeEach(async () => {
  folder = tempFolder();
  await open();
});
afterEach(async () => {
  await close();
});

const record = (page: Page, text: string, at = 1_000): Promise<Change | undefined> =>
  history.record({ page, text, at, etag: `"${text}"` });

const count = async (table: keyof HistorySchema): Promise<number> =>
  (await db.selectFrom(table).selectAll().execute()).length;

describe('recording', () => {
  test('stores the first version without a change', async () => {
    expect(await record(news, 'one')).toBeUndefined();
    expect(await history.latest(news)).toEqual({ id: 1, text: 'one', etag: '"one"', lastModified: undefined });
    expect(await history.changes({ limit: 10 })).toEqual([]);
  });

  test('stores each further version with its difference', async () => {
    await record(news, 'one');
    const change = await record(news, 'two', 2_000);
    expect(change).toMatchObject({ id: 1, page: news, at: 2_000, diff: { added: 1, removed: 1 } });
    expect(await history.change(1)).toEqual(change);
    expect(await count('versions')).toBe(2);
  });

  test('does not store an unchanged text again', async () => {
    await record(news, 'one');
    expect(await record(news, 'one')).toBeUndefined();
    expect(await count('versions')).toBe(1);
  });

  test('compares only versions of the same page', async () => {
    await record(news, 'one');
    await record(other, 'two');
    expect(await history.changes({ limit: 10 })).toEqual([]);
  });

  test('starts without a previous version after a change of the URL, and keeps the old changes', async () => {
    await record(news, 'one');
    await record(news, 'two');
    const moved = { ...news, url: 'http://localhost/moved' };
    expect(await history.latest(moved)).toBeUndefined();
    expect(await record(moved, 'elsewhere')).toBeUndefined();
    expect(await count('versions')).toBe(3);
    expect(await history.changes({ page: 'news', limit: 10 })).toHaveLength(1);
    expect((await history.page('news'))?.page).toEqual(moved);
  });

  test('dispatches a change after it and its mail are committed', async () => {
    await record(news, 'one');
    const seen: unknown[] = [];
    history.recorded.subscribe((change) => {
      // Another connection reads only committed rows.
      seen.push(change, history.change(change.id), count('mail'));
    });
    const change = await record(news, 'two');
    expect(await Promise.all(seen)).toEqual([change, change, 1]);
  });

  test('dispatches no change whose commit fails', async () => {
    await record(news, 'one');
    const seen: Change[] = [];
    history.recorded.subscribe((change) => void seen.push(change));
    const page = await history.page('news');
    outbox.fails = true;
    await expect(record(news, 'two')).rejects.toMatchObject({ errors: [{ code: 'ERR_SQL_COMMIT' }] });
    expect(seen).toEqual([]);
    expect(await history.page('news')).toBe(page);
    outbox.fails = false;
    expect(await record(news, 'two')).toMatchObject({ id: expect.any(Number) as number });
    expect(seen).toHaveLength(1);
  });

  test('stores nothing of a version whose change cannot be recorded', async () => {
    await record(news, 'one');
    await sql`alter table mail rename to away`.execute(db);
    await expect(record(news, 'two')).rejects.toThrow('mail');
    expect(await history.latest(news)).toMatchObject({ text: 'one' });
    expect(await history.newestId()).toBe(0);
    await sql`alter table away rename to mail`.execute(db);
    expect(await record(news, 'two')).toMatchObject({ diff: { added: 1, removed: 1 } });
  });

  test('persists across restarts', async () => {
    await record(news, 'one');
    await record(news, 'two');
    await close();
    await open();
    expect(await history.latest(news)).toMatchObject({ text: 'two' });
    expect(await history.changes({ limit: 10 })).toHaveLength(1);
  });
});

describe('reading', () => {
  beforeEach(async () => {
    await record(news, '0');
    await record(other, '0');
    for (let index = 1; index <= 4; index += 1) {
      await record(news, `${index}`, index * 10);
      await record(other, `${index}\n${index}`, index * 10 + 1);
    }
  });

  const ids = (changes: readonly Change[]): number[] => changes.map(({ id }) => id);

  test('returns the latest changes first, in batches', async () => {
    expect(ids(await history.changes({ limit: 3 }))).toEqual([8, 7, 6]);
    expect(ids(await history.changes({ limit: 3, before: 6 }))).toEqual([5, 4, 3]);
    expect(ids(await history.changes({ limit: 3, page: 'news' }))).toEqual([7, 5, 3]);
    expect(ids(await history.changes({ limit: 3, page: 'news', before: 3 }))).toEqual([1]);
  });

  test('returns the changes after an id in order', async () => {
    expect(ids(await history.changesAfter(5, 10))).toEqual([6, 7, 8]);
    expect(ids(await history.changesAfter(5, 2))).toEqual([6, 7]);
    expect(ids(await history.changesAfter(8, 10))).toEqual([]);
    expect(await history.newestId()).toBe(8);
  });

  test('returns the activity of a page', async () => {
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
