import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Deferred } from '@asphalt/test-support';
import { streamSSE } from 'hono/streaming';
import { expect, test } from 'vitest';
import { ClientStalledError } from '../src/errors.ts';
import { requestContext } from '../src/request/request-scope.ts';
import { get, serve } from './serve.ts';

const flood = (pull?: () => Promise<unknown>): ReadableStream<Uint8Array> =>
  new ReadableStream({
    async pull(controller) {
      await pull?.();
      controller.enqueue(new Uint8Array(1_000_000));
    },
  });

test('a client that accepts no data while its context is open is cut off, and the context closes with an error', async () => {
  const end = new Deferred<unknown>();
  let isCancelled = false;
  const { url, lines } = await serve(
    (app) => {
      app.get('/export', (c) => {
        requestContext(c).onTeardown((error) => end.resolve(error));
        c.req.raw.signal.addEventListener('abort', () => (isCancelled = true));
        return c.body(flood(nextTurn), 200, { 'content-type': 'text/csv' });
      });
    },
    undefined,
    { stallMs: 50 },
  );
  const { response } = await get(`${url}/export`);
  const closed = once(response, 'error');
  expect(await end.promise).toBeInstanceOf(ClientStalledError);
  expect(lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    'warn: GET /export was cut off: its client accepted no data for 0.05 s',
  ]);
  response.resume();
  await closed;
  expect(isCancelled).toBe(true);
  expect(response.complete).toBe(false);
});

test('a stream without a context may wait for its client for ever', async () => {
  let isStalled = false;
  const { url, lines, server } = await serve(
    (app) => app.get('/', () => new Response(flood(async () => void (isStalled = true)))),
    undefined,
    { stallMs: 1 },
  );
  const { response, outgoing } = await get(url);
  while (!isStalled) await nextTurn();
  // Longer than the limit: a timer of the same length that was set later has fired.
  for (let timer = 0; timer < 20; timer++) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(response.readableEnded || response.destroyed).toBe(false);
  expect(lines).toEqual([]);
  outgoing.destroy();
  server.destroy();
});

test('an event stream that has nothing to send is not stalled', async () => {
  const proceed = new Deferred();
  const { url, lines } = await serve(
    (app) => {
      app.get('/', (c) => {
        requestContext(c);
        return streamSSE(c, async (out) => {
          await out.writeSSE({ data: 'first' });
          await proceed.promise;
          await out.writeSSE({ data: 'last' });
        });
      });
    },
    undefined,
    { stallMs: 1 },
  );
  const { response } = await get(url);
  await once(response, 'data');
  for (let timer = 0; timer < 20; timer++) await new Promise((resolve) => setTimeout(resolve, 2));
  proceed.resolve();
  expect((await response.toArray()).join('')).toBe('data: last\n\n');
  expect(lines).toEqual([]);
});
