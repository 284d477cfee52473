import { join } from 'node:path';
import { Mailer, MemoryMailer } from '@asphalt/mailer';
import { eventually, expectNoLeaks, startTestApplication, type TestApplication } from '@asphalt/testing';
import { WebApp } from '@asphalt/web';
import { tempFolder } from '@asphalt/test-support';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Pagewatch } from '../src/app.ts';
import { Detector } from '../src/detector.ts';
import { History } from '../src/history.ts';
import { EventStream } from './event-stream.ts';
import { useDatabases } from './test-database.ts';
import { failure, html, text, WebSite } from './web-site.ts';

const databases = useDatabases();

let folder: string;
let site: WebSite;
let app: TestApplication;
let url: string;
let streams: EventStream[];

/** A page that is checked only at the start and when a test calls `check`. */
const page = (title: string): object => ({ url: site.url, title, every: '1h', mailEvery: '1h', allowPrivate: true });

async function start(pages: Record<string, object> = { 'page/news': page('News') }): Promise<void> {
  const components = {
    web: { port: 0, accessLog: true },
    sql: await databases.at(join(folder, 'pagewatch.db')),
    mailer: { backend: 'memory', from: 'watch@example.org', to: 'me@example.org' },
    ...pages,
  };
  app = await startTestApplication(Pagewatch, { config: { components } });
  url = (await app.context.getResource(WebApp)).url!;
}

beforeEach(async () => {
  folder = tempFolder();
  site = await WebSite.open();
  streams = [];
});
afterEach(async () => {
  for (const stream of streams) stream.close();
  await app.stop();
  await site.close();
});

const open = (path: string, lastEventId?: string): EventStream => {
  const stream = EventStream.open(`${url}${path}`, lastEventId);
  streams.push(stream);
  return stream;
};
const get = async (path: string): Promise<string> => (await fetch(url + path)).text();

/** Waits for the check that the application makes when it starts. */
async function firstCheck(name = 'news'): Promise<Detector> {
  const detector = await app.context.getResource(Detector, name);
  if (detector.state.status === 'new') await Promise.race([detector.checked.wait(), detector.failed.wait()]);
  if (detector.state.status !== 'ok') return detector;
  // The state changes before the version is in the database.
  const history = await app.context.getResource(History);
  await vi.waitFor(async () => expect(await history.latest(detector.page)).toBeDefined());
  return detector;
}

/** Changes the page, checks it, and waits until the change is in the history. */
async function change(detector: Detector, body: string): Promise<void> {
  const history = await app.context.getResource(History);
  const recorded = history.recorded.wait();
  site.respond = html(body);
  await detector.check();
  await recorded;
}

describe('the web site', () => {
  test('lists pages without a change', async () => {
    site.respond = html('one');
    await start();
    await firstCheck();
    const shown = await get('/');
    expect(shown).toContain('<a href="/pages/news">News</a>');
    expect(shown).toContain('data-status="ok"');
    expect(shown).toContain('No change yet');
  });

  test('explains how to add a page when no page is watched', async () => {
    await start({});
    expect(await get('/')).toContain('No page is watched');
  });

  test('shows changes, the history of a page and a single change', async () => {
    site.respond = html('the old text');
    await start();
    await change(await firstCheck(), 'the new text');
    for (const path of ['/', '/pages/news', '/changes/1']) {
      expect(await get(path)).toContain('the <ins class="word-added">new</ins> text');
    }
    expect(await get('/?before=1')).not.toContain('word-added');
    expect(await get('/?before=1')).not.toContain('data-live');
  });

  test('responds with 404 to unknown paths', async () => {
    await start();
    const oddNames = [
      '%00',
      'a%00b',
      '%',
      '%ff',
      '%ed%a0%80',
      '%0a',
      '__proto__',
      'constructor',
      `${'x'.repeat(5_000)}`,
    ];
    const odd = ['pages', 'changes', 'assets'].flatMap((folder) => oddNames.map((name) => `/${folder}/${name}`));
    for (const path of ['/pages/nothing', '/changes/7', '/changes/x', '/assets/x.css', '/nothing', ...odd]) {
      const response = await fetch(url + path);
      expect(response.status).toBe(404);
      expect(await response.text()).toContain('<p class="empty-title">Not found</p>');
    }
  });

  test('responds with 400 to a parameter that it does not accept, and shows neither its value nor a page', async () => {
    await start();
    for (const path of ['/?before=%3Cscript%3E', '/pages/news?before=1234567890123456', '/?before=1&before=2']) {
      const response = await fetch(url + path);
      expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
      const { errors } = (await response.json()) as { errors: ReadonlyArray<{ in: string; path: string }> };
      expect(errors).toMatchObject([{ in: 'query', path: 'before' }]);
      expect(JSON.stringify(errors)).not.toMatch(/script|1234567890123456/);
    }
  });

  test('reports its health, and logs the requests of browsers but not those of probes', async () => {
    await start();
    const probe = await fetch(`${url}/readyz`);
    expect([probe.status, await probe.json()]).toEqual([200, { status: 'up' }]);
    const response = await fetch(`${url}/pages/news?before=5`);
    await response.text();
    const lines = await eventually(() => {
      const found = app.logs.filter(({ data }) => data !== undefined && 'ms' in data);
      expect(found).toHaveLength(1);
      return found;
    });
    expect(lines).toMatchObject([
      {
        message: 'GET /pages/news 200',
        data: { route: '/pages/:name', status: 200, request: response.headers.get('x-request-id') },
      },
    ]);
  });

  test('shows failing and successful pages with their status', async () => {
    site.respond = (request, response) =>
      request.url === '/bad'
        ? failure(503, { 'retry-after': '600' })(request, response)
        : text('fine')(request, response);
    await start({ 'page/news': page('News'), 'page/bad': { ...page('Bad'), url: `${site.url}bad`, every: '1m' } });
    await firstCheck('bad');
    await firstCheck('news');
    const shown = await get('/');
    expect(shown).toContain('It responded with 503 Service Unavailable');
    expect(shown).toMatch(/Next try <time[^>]+>in (10|9) min/);
    expect(shown).toContain('id="page-news" data-status="ok"');
    expect(shown).toContain('id="page-bad" data-status="failing"');
  });

  test('runs no scripts of a watched page and loads no foreign files', async () => {
    site.respond = text('harmless');
    await start({ 'page/news': page('</title><script>alert(1)</script>') });
    const detector = await firstCheck();
    site.respond = text('<script>alert(2)</script>');
    await detector.check();
    await open('/events?after=0').nextChange();
    const response = await fetch(url);
    expect(response.headers.get('content-security-policy')).toMatchInlineSnapshot(
      `"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"`,
    );
    expect((await response.text()).match(/<script[^>]*>/g)).toEqual([expect.stringContaining(' src="/assets/')]);
  });

  test('serves assets as immutable under the versioned URLs of the page, and without caching under other URLs', async () => {
    await start();
    for (const [address] of (await get('/')).matchAll(/\/assets\/[^"]+/g)) {
      const response = await fetch(url + address);
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toContain('immutable');
      const bare = await fetch(url + address.split('?')[0]!);
      expect(bare.headers.get('cache-control')).toBe('no-cache');
    }
  });
});

describe('the live stream', () => {
  test('sends a change with the entry that the page shows', async () => {
    site.respond = html('one');
    await start();
    const detector = await firstCheck();
    const stream = open('/events');
    await stream.next();
    await change(detector, 'two');
    expect(await stream.nextChange()).toMatchObject({
      id: '1',
      data: {
        id: 1,
        page: 'news',
        title: 'News',
        summary: '1 line changed',
        html: expect.stringContaining('id="change-1"') as string,
      },
    });
  });

  test('sends the state of every page first, and again when it changes', async () => {
    site.respond = html('one');
    await start();
    const detector = await firstCheck();
    const stream = open('/events');
    const card = (status: string) => ({
      event: 'page',
      data: { name: 'news', html: expect.stringContaining(`data-status="${status}"`) as string },
    });
    expect(await stream.next()).toMatchObject(card('ok'));
    site.respond = failure(500);
    await detector.check();
    expect(await stream.next()).toMatchObject(card('failing'));
  });

  test('continues after the last change in the page or in an earlier stream', async () => {
    site.respond = html('0');
    await start();
    const detector = await firstCheck();
    for (const body of ['1', '2', '3']) await change(detector, body);
    const fromPage = open('/events?after=1');
    expect((await fromPage.nextChange()).id).toBe('2');
    expect((await fromPage.nextChange()).id).toBe('3');
    // The URL contains the last change of the page, and the header the last change of the earlier stream.
    const again = open('/events?after=1', '2');
    expect((await again.nextChange()).id).toBe('3');
    await change(detector, '4');
    expect((await again.nextChange()).id).toBe('4');
  });

  test('sends any number of missed changes', async () => {
    site.respond = html('0');
    await start();
    const detector = await firstCheck();
    for (let index = 1; index <= 45; index += 1) await change(detector, `${index}`);
    const stream = open('/events?after=0');
    for (let index = 1; index <= 45; index += 1) expect((await stream.nextChange()).id).toBe(`${index}`);
  });

  test('ends when the application stops', async () => {
    await start();
    const stream = open('/events');
    await stream.next();
    await Promise.all([stream.ended(), app.stop()]);
  });
});

describe('mail', () => {
  test('the first change is mailed immediately, and further ones in one mail when the application stops', async () => {
    site.respond = html('one');
    await start();
    const detector = await firstCheck();
    const mailer = (await app.context.getResource(Mailer)) as MemoryMailer;
    await change(detector, 'two');
    await expect.poll(() => mailer.messages, { timeout: 20_000 }).toHaveLength(1);
    for (const body of ['three', 'four']) await change(detector, body);
    await app.stop();
    const mails = mailer.messages.map(({ subject, text: body }) => [subject, /\n\n([^]*)/.exec(body ?? '')?.[1]]);
    expect(mails).toEqual([
      ['News changed: 1 line changed', '- one\n+ two\n'],
      ['News changed: 1 line changed, in 2 changes', '- two\n+ four\n'],
    ]);
  });
});

describe('after a restart', () => {
  test('no change is reported twice, and changes during the downtime are reported', async () => {
    site.respond = html('one');
    await start();
    await change(await firstCheck(), 'two');
    await app.stop();

    await start();
    await firstCheck();
    const history = await app.context.getResource(History);
    expect(await history.newestId()).toBe(1);
    expect(site.requests.at(-1)!.headers['if-none-match']).toBeDefined();
    await app.stop();

    site.respond = html('three');
    await start();
    expect(await open('/events?after=1').nextChange()).toMatchObject({ id: '2' });
  });
});

test('a stopped application has closed everything that it opened', async () => {
  site.respond = html('one');
  await expectNoLeaks(async () => {
    await start();
    const stream = open('/events');
    await stream.next();
    await change(await firstCheck(), 'two');
    expect(await get('/changes/1')).toContain('Change of News');
    await Promise.all([stream.ended(), app.stop()]);
  });
});
