import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Deferred, tempFolder } from '@asphalt/test-support';
import { freePort } from '@asphalt/testing';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ChargeServer } from '../charge-server.ts';
import { OrdersProcess } from './orders-process.ts';

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
const limitMs = 120_000;

describe.skipIf(!hasBrowser)('in a browser', { timeout: limitMs }, () => {
  let browser: Browser;
  let folder: string;
  let charges: ChargeServer;
  let port: string;
  let orders: OrdersProcess;
  let page: Page;
  let complaints: string[];
  let cleanUps: Array<() => Promise<unknown>>;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args });
  }, limitMs);
  afterAll(() => browser.close(), limitMs);

  async function start(): Promise<void> {
    const settings = {
      'web.port': port,
      'sql.file': join(folder, 'orders.db'),
      'mailer.folder': join(folder, 'mail'),
      'charges.url': charges.url,
      // Another process may use the default port.
      'demo.port': '0',
    };
    const sets = Object.entries(settings).map(([path, value]) => `--set=component.components.${path}=${value}`);
    const process = OrdersProcess.launch(['asphalt.yaml', ...sets]);
    cleanUps.push(() => process.kill());
    orders = await process.started();
  }

  beforeEach(async () => {
    cleanUps = [];
    folder = tempFolder();
    charges = await ChargeServer.open();
    cleanUps.push(() => charges.close());
    port = `${await freePort()}`;
    await start();
    page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    cleanUps.push(() => page.close());
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(orders.url);
    await page.getByText('Live', { exact: true }).waitFor();
    // A reload would discard this property.
    await page.evaluate('window.sameDocument = true');
  }, limitMs);
  afterEach(async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  }, limitMs);

  const isSameDocument = (): Promise<unknown> => page.evaluate('window.sameDocument === true');

  async function place(email: string, product = 'beans'): Promise<string> {
    const body = JSON.stringify({ email, items: [{ product, quantity: 5 }] });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${orders.url}/orders`, { method: 'POST', headers, body });
    return ((await response.json()) as { readonly id: string }).id;
  }

  test('an order that the form places appears, and its status follows without a reload', async () => {
    const held = new Deferred();
    charges.beforeDecision = () => held.promise;
    await page.getByText('No order yet').waitFor();
    await page.getByLabel('Product').selectOption('grinder');
    await page.getByLabel('Quantity').fill('2');
    await page.getByLabel('Mail address').fill('grace@example.org');
    await page.getByRole('button', { name: 'Place order' }).click();

    const order = page.getByRole('article').filter({ hasText: 'grace@example.org' });
    await order.getByText('Placed').waitFor();
    expect(await order.locator('.items').textContent()).toBe('2 × Hand grinder');
    expect(await order.locator('.total').textContent()).toBe('€238.00');
    expect(await page.locator('[data-count=placed]').textContent()).toBe('1');
    held.resolve();
    await order.getByText('Mailed').waitFor();
    await page.locator('[data-count=mailed]').getByText('1', { exact: true }).waitFor();
    expect(await page.locator('[data-count=revenue]').textContent()).toBe('€238.00');
    expect(await page.getByText('No order yet').isVisible()).toBe(false);
    expect(await page.getByRole('status').textContent()).toMatch(/^Order \w{8}: mailed$/);
    expect(await isSameDocument()).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('an order that the server refuses shows the reason', async () => {
    await page.evaluate("document.querySelector('#order-form').noValidate = true");
    await page.getByLabel('Mail address').fill('nobody');
    await page.getByRole('button', { name: 'Place order' }).click();
    await page.getByRole('alert').getByText('Must be a mail address').waitFor();
    expect(await page.getByRole('article').count()).toBe(0);
  });

  test('after a lost connection, the page shows the orders that it missed, newest first', async () => {
    charges.failures.push(503);
    const first = await place('ada@example.org');
    await page.locator(`#order-${first}[data-status=placed]`).waitFor();
    await orders.kill();
    await page.getByText('Reconnecting').waitFor();
    await start();
    const second = await place('grace@example.org', 'grinder');
    await page.getByText('Live', { exact: true }).waitFor();
    await page.locator(`#order-${second}[data-status=declined]`).waitFor();
    await page.locator(`#order-${first}[data-status=mailed]`).waitFor();
    const shown = await page.evaluate("[...document.querySelectorAll('article')].map(({ id }) => id)");
    expect(shown).toEqual([`order-${second}`, `order-${first}`]);
    expect(await isSameDocument()).toBe(true);
  });
});
