import { afterEach, beforeEach, expect, test } from 'vitest';
import { Detector, type RecordVersion } from '../src/detector.ts';
import { PageClient } from '../src/page-client.ts';
import { readBody } from '../src/text-functions.ts';
import { failure, text, WebSite } from './web-site.ts';

let site: WebSite;
let detector: Detector;
let events: unknown[][];
let record: RecordVersion;
let client: PageClient;

beforeEach(async () => {
  site = await WebSite.open();
  const page = { name: 'news', url: site.url, title: 'News' };
  const work = { read: async (body: Uint8Array, contentType: string) => readBody(body, contentType) };
  client = new PageClient({ allowPrivate: true });
  const settings = { client, work, page, everyMs: 1_000, timeoutMs: 5_000, maxBytes: 1_000, mailEveryMs: 60_000 };
  events = [];
  record = async () => undefined;
  detector = new Detector(settings, async (version, abort) => {
    await record(version, abort);
    events.push(['recorded', version.text]);
  });
  detector.checked.subscribe(({ page: { name } }) => events.push(['checked', name]));
  detector.failed.subscribe(({ error }) => events.push(['failed', error.reason]));
});
afterEach(async () => {
  client.close();
  await site.close();
});

test('a detector records the first version', async () => {
  site.respond = text('one');
  expect(detector.state).toMatchObject({ status: 'new', lastCheckAt: undefined });
  await detector.check();
  expect(events).toEqual([
    ['recorded', 'one'],
    ['checked', 'news'],
  ]);
  expect(detector.state).toMatchObject({ status: 'ok', failures: 0, pauseMs: 1_000 });
  expect(detector.state.nextCheckAt! - detector.state.lastCheckAt!).toBe(1_000);
});

test('a detector records a changed text', async () => {
  site.respond = text('one');
  await detector.check();
  site.respond = text('two');
  await detector.check();
  expect(events.slice(2)).toEqual([
    ['recorded', 'two'],
    ['checked', 'news'],
  ]);
});

test('a detector does not record an unchanged text, whether the server responds with 304 or sends it again', async () => {
  site.respond = text('one');
  await detector.check();
  await detector.check();
  site.respond = text('one  \n', { etag: '"other"' });
  await detector.check();
  expect(events.slice(1)).toEqual([
    ['checked', 'news'],
    ['checked', 'news'],
    ['checked', 'news'],
  ]);
  await detector.check();
  expect(site.requests.at(-1)!.headers['if-none-match']).toBe('"other"');
});

test('a detector continues from a version that was recorded earlier', async () => {
  site.respond = text('one');
  detector.resume({ text: 'zero', etag: '"0"' });
  await detector.check();
  expect(events).toContainEqual(['recorded', 'one']);
  site.respond = text('zero');
  await detector.check();
  expect(events).toContainEqual(['recorded', 'zero']);
  expect(site.requests[0]!.headers['if-none-match']).toBe('"0"');
});

test('a failing page is reported, is checked at growing intervals, and recovers', async () => {
  site.respond = text('one');
  await detector.check();
  site.respond = failure(500);
  await detector.check();
  await detector.check();
  await detector.check();
  expect(detector.state).toMatchObject({
    status: 'failing',
    failures: 3,
    reason: 'responded with 500 Internal Server Error',
    pauseMs: 4_000,
  });
  site.respond = text('two');
  await detector.check();
  expect(detector.state).toMatchObject({ status: 'ok', failures: 0, reason: undefined, pauseMs: 1_000 });
  expect(events.slice(2)).toEqual([
    ['failed', 'responded with 500 Internal Server Error'],
    ['failed', 'responded with 500 Internal Server Error'],
    ['failed', 'responded with 500 Internal Server Error'],
    ['recorded', 'two'],
    ['checked', 'news'],
  ]);
});

test('a detector honors a longer pause that the server requests', async () => {
  site.respond = failure(429, { 'retry-after': '30' });
  await detector.check();
  expect(detector.state.pauseMs).toBe(30_000);
});

test('an aborted check does not count as a failure', async () => {
  const abort = new AbortController();
  const reason = new Error('stop');
  site.respond = () => abort.abort(reason);
  await expect(detector.check(abort.signal)).rejects.toBe(reason);
  expect(events).toEqual([]);
  expect(detector.state.status).toBe('new');
});

test('a version whose recording was aborted is recorded by the next check', async () => {
  site.respond = text('one');
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
  expect(events).toEqual([
    ['recorded', 'one'],
    ['checked', 'news'],
  ]);
});
