/** Sockets and event streams with the clients that users have: a browser, and the WebSocket of Node. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Signal } from '@asphalt/core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket as NodeSocket, type CloseEvent, type MessageEvent } from 'undici';
import { eventsOf } from '../src/sockets/events-of.ts';
import { socketOf } from '../src/sockets/socket-of.ts';
import { webSocket } from '../src/sockets/web-socket.ts';
import { serve, type Served } from './serve.ts';

async function serveAll(): Promise<Served & { readonly signal: Signal<string> }> {
  const signal = new Signal<string>();
  const served = await serve((app) => {
    app.get('/', (c) => c.html('<!doctype html><title>page</title>'));
    app.get('/echo', webSocket({ message: (data, socket) => socket.send(data) }, { protocols: ['v1'] }));
    app.get('/socket', socketOf(signal));
    app.get('/events', eventsOf(signal, { event: 'change', id: (text) => text, retryMs: 10 }));
  });
  return { ...served, signal };
}

test('the WebSocket of Node is served, and receives 1001', async () => {
  const { url, server, requests } = await serveAll();
  const socket = new NodeSocket(`${url.replace('http', 'ws')}/echo`, ['v1']);
  await once(socket, 'open');
  expect(socket.protocol).toBe('v1');
  socket.send('hello');
  const [message] = (await once(socket, 'message')) as [MessageEvent];
  expect(message.data).toBe('hello');
  const closed = once(socket, 'close');
  await Promise.all([server.close(), requests.stop()]);
  const [{ code, wasClean }] = (await closed) as [CloseEvent];
  expect([code, wasClean]).toEqual([1001, true]);
});

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const args = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];

describe.skipIf(!existsSync(executablePath))('in a browser', { timeout: 60_000 }, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args });
  }, 60_000);
  afterAll(() => browser.close());

  async function visit(url: string): Promise<Page> {
    const page = await browser.newPage();
    onTestFinished(() => page.close());
    await page.goto(url);
    return page;
  }

  test('a page of the server opens a WebSocket, and receives 1001 when the server stops', async () => {
    const { url, server, requests } = await serveAll();
    const page = await visit(url);
    const received = await page.evaluate(`new Promise((resolve) => {
      window.socket = new WebSocket('/echo', 'v1');
      socket.onopen = () => socket.send('hello');
      socket.onmessage = ({ data }) => resolve([socket.protocol, data]);
    })`);
    expect(received).toEqual(['v1', 'hello']);
    const closed = page.evaluate(`new Promise((resolve) => {
      socket.onclose = ({ code, wasClean }) => resolve([code, wasClean]);
      socket.send('ready');
    })`);
    await page.waitForFunction('socket.onclose !== null');
    await Promise.all([server.close(), requests.stop()]);
    expect(await closed).toEqual([1001, true]);
  });

  test('a page of another origin cannot open a WebSocket', async () => {
    const [own, other] = [await serveAll(), await serveAll()];
    const page = await visit(other.url);
    const outcome = await page.evaluate(`new Promise((resolve) => {
      const socket = new WebSocket(${JSON.stringify(`${own.url.replace('http', 'ws')}/echo`)});
      socket.onopen = () => resolve('open');
      socket.onclose = ({ code }) => resolve(code);
    })`);
    expect(outcome).toBe(1006);
    expect(own.lines.map(({ message }) => message)).toEqual([
      `Refused the WebSocket /echo for a page of another origin: ${other.url}`,
    ]);
  });

  test('a page receives the events of a signal over both, and reconnects an event stream', async () => {
    const { url, signal, server } = await serveAll();
    const page = await visit(url);
    await page.evaluate(`new Promise((resolve) => {
      window.received = [];
      let open = 0;
      const opened = () => ++open === 2 && resolve();
      const socket = new WebSocket('/socket');
      socket.onopen = opened;
      socket.onmessage = ({ data }) => received.push('socket ' + data);
      window.events = new EventSource('/events');
      events.onopen = opened;
      events.addEventListener('change', ({ data, lastEventId }) => received.push('event ' + data + ' ' + lastEventId));
    })`);
    signal.dispatch('first');
    await page.waitForFunction('received.length === 2');
    expect(await page.evaluate('received.sort()')).toEqual(['event "first" first', 'socket "first"']);
    const reopened = page.evaluate('new Promise((resolve) => (events.onopen = resolve))');
    server.destroy();
    await reopened;
    signal.dispatch('second');
    await page.waitForFunction('received.length === 3');
  });
});
