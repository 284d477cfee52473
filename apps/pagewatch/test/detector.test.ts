import { afterEach, beforeEach, expect, test } from 'vitest';
import { Detector, type RecordVersion } from '../src/detector.ts';
import { PageClient } from '../src/page-client.ts';
import { readBody } from '../src/text-functions.ts';
import { failure, text, WebSite } from './web-site.ts';

let site: WebSite;
let detector: Detector;
let heard: unknown[][];
let record: RecordVersion;
let client: PageClient;

beforeEach(async () => {
  site = await WebSite.open();
  const page = { name: 'news', url: site.url, title: 'News' };
  const work = { read: async (body: Uint8Array, contentType: string) => readBody(body, contentType) };
  client = new PageClient({ allowPrivate: true });
  const settings = { client, work, page, everyMs: 1_000, timeoutMs: 5_000, maxBytes: 1_000, mailEveryMs: 60_000 };
  heard = [];
  record = async () => undefined;
  detector = new Detector(settings, async (version, abort) => {
    await record(version, abort);
    heard.push(['recorded', version.text]);
  });
  detector.checked.subscribe(({ page: { name } }) => heard.push(['checked', name]));
  detector.failed.subscribe(({ error }) => heard.push(['failed', error.reason]));
});
afterEach(async () => {
  client.close();
  await site.close();
});

test('the first version is recorded', async () => {
  site.answer = text('one');
  expect(detector.state).toMatchObject({ status: 'new', lastCheckAt: undefined });
  await detector.check();
  expect(heard).toEqual([
    ['recorded', 'one'],
    ['checked', 'news'],
  ]);
  expect(detector.state).toMatchObject({ status: 'ok', failures: 0, pauseMs: 1_000 });
  expect(detector.state.nextCheckAt! - detector.state.lastCheckAt!).toBe(1_000);
});

test('another text is recorded', async () => {
  site.answer = text('one');
  await detector.check();
  site.answer = text('two');
  await detector.check();
  expect(heard.slice(2)).toEqual([
    ['recorded', 'two'],
    ['checked', 'news'],
  ]);
});

test('the same text is none, whether the server says so or sends it again', async () => {
  site.answer = text('one');
  await detector.check();
  await detector.check();
  site.answer = text('one  \n', { etag: '"other"' });
  await detector.check();
  expect(heard.slice(1)).toEqual([
    ['checked', 'news'],
    ['checked', 'news'],
    ['checked', 'news'],
  ]);
  await detector.check();
  expect(site.requests.at(-1)!.headers['if-none-match']).toBe('"other"');
});

test('it goes on from a version that was read earlier', async () => {
  site.answer = text('one');
  detector.resume({ text: 'zero', etag: '"0"' });
  await detector.check();
  expect(heard).toContainEqual(['recorded', 'one']);
  site.answer = text('zero');
  await detector.check();
  expect(heard).toContainEqual(['recorded', 'zero']);
  expect(site.requests[0]!.headers['if-none-match']).toBe('"0"');
});

test('a page that fails says so, is left alone for longer and longer, and recovers', async () => {
  site.answer = text('one');
  await detector.check();
  site.answer = failure(500);
  await detector.check();
  await detector.check();
  await detector.check();
  expect(detector.state).toMatchObject({
    status: 'failing',
    failures: 3,
    reason: 'answered 500 Internal Server Error',
    pauseMs: 4_000,
  });
  site.answer = text('two');
  await detector.check();
  expect(detector.state).toMatchObject({ status: 'ok', failures: 0, reason: undefined, pauseMs: 1_000 });
  expect(heard.slice(2)).toEqual([
    ['failed', 'answered 500 Internal Server Error'],
    ['failed', 'answered 500 Internal Server Error'],
    ['failed', 'answered 500 Internal Server Error'],
    ['recorded', 'two'],
    ['checked', 'news'],
  ]);
});

test('the server may ask for a longer pause', async () => {
  site.answer = failure(429, { 'retry-after': '30' });
  await detector.check();
  expect(detector.state.pauseMs).toBe(30_000);
});

test('a check that is broken off is no failure', async () => {
  const abort = new AbortController();
  const reason = new Error('stop');
  site.answer = () => abort.abort(reason);
  await expect(detector.check(abort.signal)).rejects.toBe(reason);
  expect(heard).toEqual([]);
  expect(detector.state.status).toBe('new');
});

test('a version is known only once it is recorded', async () => {
  site.answer = text('one');
  const abort = new AbortController();
  const reason = new Error('stop');
  record = async () => {
    abort.abort(reason);
    throw reason;
  };
  await expect(detector.check(abort.signal)).rejects.toBe(reason);
  record = async () => undefined;
  await detector.check();
  expect(site.requests.at(-1)!.headers['if-none-match']).toBeUndefined();
  expect(heard).toEqual([
    ['recorded', 'one'],
    ['checked', 'news'],
  ]);
});
