import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Deferred } from '@asphalt/test-support';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { bodyLimit, LimitedMessage } from '../src/request/body-limit.ts';
import type { WebEnv } from '../src/web-env.ts';
import { serve, type Served } from './serve.ts';

const limit = 1000;

function serveLimited(): Promise<Served> {
  return serve(
    (app) => {
      app.post('/text', async (c) => c.text(String((await c.req.text()).length)));
      app.post('/form', async (c) => c.json(await c.req.parseBody()));
      app.post('/stream', async (c) => {
        let length = 0;
        for await (const chunk of c.req.raw.body!) length += chunk.length;
        return c.text(String(length));
      });
      app.post('/late', async (c) => {
        for (let turn = 0; turn < 20; turn++) await nextTurn();
        return c.text(String((await c.req.text()).length));
      });
      app.post('/late-stream', async (c) => {
        for (let turn = 0; turn < 20; turn++) await nextTurn();
        return c.text(String((await new Response(c.req.raw.body).text()).length));
      });
      app.post('/unread', (c) => c.text('not read'));
      app.post('/raised', bodyLimit('5kB'), async (c) => c.text(String((await c.req.text()).length)));
      app.use('/area/*', bodyLimit(5000));
      app.post('/area/text', async (c) => c.text(String((await c.req.text()).length)));
      app.post('/lowered', bodyLimit(10), async (c) => c.text(String((await c.req.text()).length)));
      const other = new Hono<WebEnv>().onError((error) => {
        throw error;
      });
      app.route(
        '/other',
        other.post('/', bodyLimit('5 KiB'), async (c) => c.text(await c.req.text())),
      );
    },
    undefined,
    { bodyLimit: limit },
  );
}

/** Sends a body with its length, or in chunks. */
function post(url: string, length: number, isChunked: boolean): Promise<Response> {
  const text = 'x'.repeat(length);
  const body = isChunked ? new Blob([text]).stream() : text;
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return fetch(url, { method: 'POST', body, headers, duplex: 'half' } as RequestInit);
}

describe.each([
  ['with its length', false],
  ['in chunks', true],
])('a body %s', (_, isChunked) => {
  test.each(['/text', '/stream', '/late', '/late-stream'])('of the limit is read by %s', async (path) => {
    const { url } = await serveLimited();
    expect(await (await post(url + path, limit, isChunked)).text()).toBe(String(limit));
  });

  test.each(['/text', '/form', '/stream', '/late', '/late-stream'])('above the limit is a 413 of %s', async (path) => {
    const { url, lines } = await serveLimited();
    const response = await post(url + path, limit + 1, isChunked);
    expect([response.status, await response.text()]).toEqual([413, 'Payload Too Large']);
    expect(lines).toEqual([]);
  });

  test('has the limit of its route, raised or lowered', async () => {
    const { url } = await serveLimited();
    const status = async (path: string, length: number): Promise<number> =>
      (await post(url + path, length, isChunked)).status;
    for (const path of ['/raised', '/area/text', '/other']) {
      expect(await status(path, 5000)).toBe(200);
      expect(await status(path, 5121)).toBe(413);
    }
    expect(await status('/lowered', 10)).toBe(200);
    expect(await status('/lowered', 11)).toBe(413);
    expect(await status('/lowered', 5000)).toBe(413);
  });

  test('above the limit leaves the connection usable when it was sent completely', async () => {
    const { url } = await serveLimited();
    for (let request = 0; request < 3; request++) {
      expect((await post(`${url}/text`, limit + 1, isChunked)).status).toBe(413);
      expect((await post(`${url}/text`, limit, isChunked)).status).toBe(200);
    }
  });
});

test('a declared length above the limit is refused before the handler runs, also where no handler reads', async () => {
  const { url } = await serveLimited();
  expect((await post(`${url}/unread`, limit + 1, false)).status).toBe(413);
  expect((await post(`${url}/unread`, limit + 1, true)).status).toBe(200);
});

test.each([
  ['its length', `Content-Length: ${500 * 2 ** 20}`, false],
  ['chunks', 'Transfer-Encoding: chunked', true],
])('500 MB with %s are refused while they are sent, without being stored', async (_, header, isChunked) => {
  const { url, server } = await serveLimited();
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const received = new Deferred<string>();
  socket.once('data', (data) => received.resolve(String(data)));
  socket.write(`POST /stream HTTP/1.1\r\nHost: localhost\r\n${header}\r\n\r\n`);
  const block = Buffer.alloc(2 ** 20, 'x');
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  for (let sent = 0; sent < 500 && !socket.destroyed; sent++) {
    if (isChunked) socket.write(`${block.length.toString(16)}\r\n`);
    const isFull = !socket.write(block);
    if (isChunked) socket.write('\r\n');
    if (isFull) await Promise.race([once(socket, 'drain').catch(() => {}), closed]);
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  expect((await received.promise).split('\r\n')[0]).toBe('HTTP/1.1 413 Payload Too Large');
  expect(most).toBeLessThan(100 * 2 ** 20);
  socket.destroy();
  server.destroy();
});

test.each([0, -1, Number.NaN, '0', '0MB', 'MB', '5 parsecs', ''])('a limit of %j is refused', (size) => {
  expect(() => bodyLimit(size as number)).toThrow(RangeError);
});

test('a reader that pauses before the limit receives the error although the rest of the body has arrived', async () => {
  const message = new LimitedMessage(new Socket());
  message.limit = 100_000;
  const body = Readable.toWeb(message);
  message.push(Buffer.alloc(80_000));
  while (message.readableLength > 0) await nextTurn();
  expect(message.readableFlowing).toBe(false);
  message.push(Buffer.alloc(80_000));
  message.push(null);
  await expect(buffer(body)).rejects.toThrow('Payload Too Large');
});

test.each([0, 80_000])('a reader that waits after %i bytes receives the error at the limit', async (length) => {
  const message = new LimitedMessage(new Socket());
  message.limit = 100_000;
  const read = buffer(message);
  if (length > 0) message.push(Buffer.alloc(length));
  await nextTurn();
  expect(message.readableLength).toBe(0);
  message.push(Buffer.alloc(120_000));
  await expect(read).rejects.toThrow('Payload Too Large');
});
