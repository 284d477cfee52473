import { join } from 'node:path';
import { tempFolder } from '@asphalt/test-support';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Page } from '../src/detector.ts';
import { diffTexts } from '../src/diff.ts';
import type { HistorySchema } from '../src/history-schema.ts';
import { History } from '../src/history.ts';
import { Outbox, type OutboxMail } from '../src/outbox.ts';
import { openDatabase, type OpenDatabase } from './open-database.ts';
import { useDatabases } from './test-database.ts';

const databases = useDatabases();

const news: Page = { name: 'news', url: 'http://localhost/news', title: 'News' };
const other: Page = { name: 'other', url: 'http://localhost/other', title: 'Other' };
const everyMs = new Map([['news', 1_000]]);

let folder: string;
let database: OpenDatabase<HistorySchema>;
let outbox: Outbox;
let history: History;

beforeEach(async () => {
  folder = tempFolder();
  database = await openDatabase(await databases.at(join(folder, 'history.db')));
  outbox = new Outbox(database.db);
  const work = { diff: async (before: string, after: string) => diffTexts(before, after) };
  history = await History.open({ ...database, outbox, work });
});
afterEach(async () => {
  await database.close();
});

async function record(page: Page, ...texts: string[]): Promise<void> {
  for (const text of texts) await history.record({ page, text, at: 1 });
}

/** Takes the first pending mail. */
async function take(now: number): Promise<OutboxMail> {
  const [first] = await outbox.pending(everyMs);
  return (await outbox.take(first!.id, now))!;
}

test('changes are added to the waiting mail until the first attempt to send it', async () => {
  await record(news, 'a', 'b', 'c');
  expect(await outbox.pending(everyMs)).toMatchObject([{ attempts: 0, dueAt: 0 }]);
  const first = await take(0);
  expect(first).toMatchObject({ page: news, before: 'a', after: 'c', changes: 2, attempts: 1 });
  await record(news, 'd');
  const again = await take(0);
  expect(again).toMatchObject({ ...first, attempts: 2 });
  await outbox.sent(again, 500);
  expect(await outbox.pending(everyMs)).toMatchObject([{ attempts: 0, dueAt: 1_500 }]);
  expect(await take(0)).toMatchObject({ before: 'c', after: 'd', changes: 1 });
});

test('an attempt without a recorded outcome is repeated', async () => {
  await record(news, 'a', 'b');
  const { id, messageId } = await take(10_000);
  const [pending] = await outbox.pending(everyMs);
  expect(pending).toMatchObject({ id, attempts: 1 });
  expect(pending!.dueAt).toBeGreaterThan(10_000);
  expect((await take(20_000)).messageId).toBe(messageId);
});

test('a failed mail is stored, starts the interval and is not pending', async () => {
  await record(news, 'a', 'b');
  await outbox.failed(await take(0), '550', 7_000);
  expect(await outbox.pending(everyMs)).toEqual([]);
  await record(news, 'c');
  expect(await outbox.pending(everyMs)).toMatchObject([{ dueAt: 8_000 }]);
});

test('the interval applies per page, and not to a page that is no longer watched', async () => {
  await record(news, 'a', 'b');
  await record(other, 'a', 'b');
  await outbox.postpone(await take(0), '451', 50_000);
  await outbox.sent(await take(0), 60_000);
  await record(other, 'c');
  const [first, second] = await outbox.pending(everyMs);
  expect(first!.dueAt).toBeGreaterThan(50_000);
  expect(second!.dueAt).toBe(60_000);
});

test('a change of the URL of a page starts a new mail', async () => {
  await record(news, 'a', 'b');
  const moved = { ...news, url: 'http://localhost/moved' };
  await record(moved, 'x', 'y');
  expect(await take(0)).toMatchObject({ before: 'a', after: 'b' });
  expect(await database.db.selectFrom('mail').select('changes').execute()).toEqual([{ changes: 1 }, { changes: 1 }]);
});

test('only the latest sent mail of a page is kept', async () => {
  await record(news, 'a');
  for (const text of ['b', 'c', 'd']) {
    await record(news, text);
    await outbox.sent(await take(0), 1);
  }
  expect(await database.db.selectFrom('mail').select('state').execute()).toEqual([{ state: 'sent' }]);
});
