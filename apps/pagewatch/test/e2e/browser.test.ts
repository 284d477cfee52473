import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { relativeTime } from '../../src/relative-time.ts';
import { sqlSetting, useDatabases } from '../test-database.ts';
import { failure, html, WebSite } from '../web-site.ts';

const databases = useDatabases();
import { PagewatchProcess } from './pagewatch-process.ts';

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const hasBrowser = existsSync(executablePath);
if (!hasBrowser) process.stdout.write(`The browser test is skipped: no browser found at ${executablePath}.\n`);

const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

describe.skipIf(!hasBrowser)('in a browser', { timeout: 60_000 }, () => {
  let browser: Browser;
  let folder: string;
  let site: WebSite;
  let pagewatch: PagewatchProcess;
  let page: Page;
  let complaints: string[];
  let cleanUps: Array<() => Promise<unknown>>;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args });
  }, 60_000);
  afterAll(() => browser.close());

  const start = async (port: string): Promise<void> => {
    pagewatch = await PagewatchProcess.start({
      'web.port': port,
      sql: sqlSetting(await databases.at(join(folder, 'pagewatch.db'))),
      'mailer.folder': join(folder, 'mail'),
      'page/news.url': site.url,
      'page/news.title': 'News',
      'page/news.allowPrivate': 'true',
      'page/news.every': '50ms',
    });
    cleanUps.push(() => pagewatch.kill());
  };

  beforeEach(async () => {
    cleanUps = [];
    folder = await mkdtemp(join(tmpdir(), 'pagewatch-'));
    cleanUps.push(() => rm(folder, { recursive: true }));
    site = await WebSite.open();
    cleanUps.push(() => site.close());
    site.respond = html('<p>The old text</p><p>that has an end</p>');
    await start('0');
    page = await browser.newPage();
    cleanUps.push(() => page.close());
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(pagewatch.url);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.locator('.card[data-status=ok]').waitFor();
    // A reload would discard this property.
    await page.evaluate('window.sameDocument = true');
  }, 60_000);
  afterEach(async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  });

  const isSameDocument = (): Promise<unknown> => page.evaluate('window.sameDocument === true');

  test('a change appears automatically, with its words marked', async () => {
    await page.getByText('No change yet').first().waitFor();
    site.respond = html('<p>The new text</p><p>that has an end</p>');
    const entry = page.getByRole('article').filter({ has: page.locator('.diff') });
    await entry.waitFor();
    expect(await entry.locator('del').allTextContents()).toEqual(['old']);
    expect(await entry.locator('ins').allTextContents()).toEqual(['new']);
    expect(await entry.getByText('that has an end').isVisible()).toBe(true);
    expect(await page.getByRole('status').textContent()).toBe('News: 1 line changed');
    await page.locator('.card').getByText('1 change', { exact: true }).waitFor();
    expect(await page.getByText('The first change of a page will appear here automatically').isVisible()).toBe(false);
    expect(await isSameDocument()).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('a failing page is shown as failing until it recovers, without a shift of the layout', async () => {
    const card = page.locator('.card');
    const box = (): Promise<unknown> =>
      page.evaluate("document.querySelector('.card').getBoundingClientRect().toJSON()");
    const before = await box();
    site.respond = failure(503);
    await card.getByText('It responded with 503 Service Unavailable').waitFor();
    expect(await box()).toEqual(before);
    site.respond = html('<p>The old text</p><p>that has an end</p>');
    await card.getByText('OK', { exact: true }).waitFor();
    expect(await isSameDocument()).toBe(true);
  });

  test('scripts in the text of a page do not run', async () => {
    site.respond = html(
      '&lt;img src=x onerror="window.hacked = true"&gt;&lt;script&gt;window.hacked = true&lt;/script&gt;',
    );
    await page.getByText('<img src=x onerror=').waitFor();
    expect(await page.locator('.diff img, .diff script').count()).toBe(0);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
  });

  test('relative times are refreshed in the words of the server', async () => {
    const ages = [0, 12_300, 90_300, 3_700_300, 90_000_300, 300_000_300, -40_300];
    const shown = await page.evaluate(`new Promise((resolve) => {
      const now = Date.now();
      const times = ${JSON.stringify(ages)}.map((age) => {
        const time = document.createElement('time');
        time.dateTime = new Date(now - age).toISOString();
        time.dataset.relative = '';
        return time;
      });
      document.body.append(...times);
      const whenRefreshed = () => resolve(times.map((time) => time.textContent));
      new MutationObserver(whenRefreshed).observe(times.at(-1), { childList: true });
    })`);
    // The refresh happens within a second. The texts change at most every tenth of a second.
    const expected = Array.from({ length: 11 }, (_, tenth) => ages.map((age) => relativeTime(0, age + tenth * 100)));
    expect(expected).toContainEqual(shown);
  });

  test('a lost connection is restored and delivers missed changes', async () => {
    const { port } = new URL(pagewatch.url);
    await pagewatch.stop();
    await page.getByText('Reconnecting').waitFor();
    site.respond = html('<p>The new text</p>');
    await start(port);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.locator('.diff').waitFor();
    expect(await page.locator('.entry').count()).toBe(1);
    expect(await isSameDocument()).toBe(true);
  });
});
