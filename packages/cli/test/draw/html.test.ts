import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { component, Component, inject, provides } from '@asphalt/core';
import { describePlan, planApplication } from '@asphalt/core/inspect';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { drawHtml } from '../../src/draw/html.ts';

class Clock {}
class Store {}

@component({ description: 'Shows the <time>' })
class Clocks extends Component {
  @provides(Clock) clock(): Clock {
    return new Clock();
  }
}
class Stores extends Component {
  @provides(Store) store(@inject(Clock) _clock: Clock): Store {
    return new Store();
  }
}
@component({ components: { clocks: Clocks, stores: Stores, 'clocks/utc': Clocks } })
class Shop extends Component {
  @inject(Store) readonly store!: Store;
}

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const hasBrowser = existsSync(executablePath);
if (!hasBrowser) process.stdout.write(`The test of the page is skipped: no browser at ${executablePath}.\n`);

describe.skipIf(!hasBrowser)('the page of the graph', { timeout: 60_000 }, () => {
  let folder: string;
  let browser: Browser;
  let page: Page;
  const loaded: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'asphalt-graph-'));
    writeFileSync(join(folder, 'graph.html'), await drawHtml(describePlan(await planApplication(Shop))));
    const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
    browser = await chromium.launch({ executablePath, args });
    page = await browser.newPage({ viewport: { width: 1000, height: 700 } });
    page.on('request', (request) => loaded.push(request.url()));
    page.on('pageerror', (error) => loaded.push(String(error)));
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    loaded.length = 0;
    await page.goto(pathToFileURL(join(folder, 'graph.html')).href);
  });

  const box = (path: string): Locator => page.locator(`.component[data-path="${path}"]`);
  const details = async (): Promise<string> => (await page.locator('#details').innerText()).replaceAll(/\n+/g, '\n');
  const left = async (path: string): Promise<number> => (await box(path).boundingBox())!.x;
  const width = async (path: string): Promise<number> => (await box(path).boundingBox())!.width;

  test('shows every component and loads no other resources', async () => {
    expect(await page.title()).toBe('Shop');
    for (const path of ['', 'clocks', 'stores', 'clocks/utc']) expect(await box(path).isVisible()).toBe(true);
    expect(await page.locator('.component').count()).toBe(4);
    expect(loaded).toEqual([page.url()]);
  });

  test('shows the provided keys, needs and consumers of a selected component, with links to them', async () => {
    await box('stores').click();
    expect(await details()).toBe('stores\nStores\nProvides\nStore\nNeeds\nClock from clocks\nNeeded by\nShop: Store');
    expect(await page.locator('.near .alias').allTextContents()).toEqual(['Shop', 'clocks', 'stores']);
    await page.getByRole('button', { name: 'Clock from clocks' }).click();
    expect(await details()).toMatch(/^clocks\nShows the <time>\n/);
    await page.keyboard.press('Escape');
    expect(await page.locator('#details').isVisible()).toBe(false);
  });

  test('finds components by path, class or key and cycles through the results', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('CLOCK');
    expect(await page.locator('#found').innerText()).toBe('1 of 2');
    await page.keyboard.press('Enter');
    expect(await details()).toMatch(/^clocks\n/);
    await page.keyboard.press('Enter');
    expect(await details()).toMatch(/^clocks\/utc\n/);
    expect(await page.locator('#found').innerText()).toBe('2 of 2');
    await page.locator('#search').fill('nothing like it');
    expect(await page.locator('#found').innerText()).toBe('nothing');
  });

  test('can be moved and zoomed with the mouse and reset with a key', async () => {
    const [atFirst, wideAtFirst] = [await left('stores'), await width('stores')];
    await page.mouse.move(500, 650);
    await page.mouse.down();
    await page.mouse.move(560, 650, { steps: 3 });
    await page.mouse.up();
    expect(await left('stores')).toBeCloseTo(atFirst + 60, 0);
    expect(await page.locator('#details').isVisible()).toBe(false);

    const { x, y } = (await box('stores').boundingBox())!;
    await page.mouse.move(x, y);
    await page.mouse.wheel(0, -50);
    await expect.poll(() => width('stores')).toBeGreaterThan(wideAtFirst * 1.1);
    expect(Math.abs((await left('stores')) - x)).toBeLessThan(2);

    await page.keyboard.press('0');
    expect(await left('stores')).toBeCloseTo(atFirst, 0);
  });
});
