/** Another `@hono/node-server` with its defaults in the same process: it replaces the global `Request` and `Response`. */
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Deferred } from '@asphalt/test-support';
import { getRequestListener } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import type { Context } from '@asphalt/core';
import { stream, streamSSE } from 'hono/streaming';
import { describe, expect, test } from 'vitest';
import { requestContext } from '../src/request/request-scope.ts';
import { testFraming } from './framing.ts';
import { get, serve } from './serve.ts';
import { staticFiles } from './static-files.ts';

const standard = [Request, Response];
getRequestListener(() => new Response('another application'));

test('the other server has replaced the globals', () => {
  expect(Request).not.toBe(standard[0]);
  expect(Response).not.toBe(standard[1]);
});

testFraming();

test('a context stays open until its stream was sent', async () => {
  const proceed = new Deferred();
  const states: string[] = [];
  let context!: Context;
  const { url } = await serve((app) => {
    app.get('/', (c) => {
      context = requestContext(c);
      context.onTeardown(() => void states.push('teardown'));
      return stream(c, async (out) => {
        await out.write('first ');
        await proceed.promise;
        states.push(context.state);
        await out.write('last');
      });
    });
  });
  const { response } = await get(url);
  await once(response, 'data');
  proceed.resolve();
  expect((await response.toArray()).join('')).toBe('last');
  expect(states).toEqual(['open', 'teardown']);
});

test('stopping ends event streams', async () => {
  const { url, requests, server } = await serve((app) => {
    app.get('/', (c) => streamSSE(c, () => new Promise(() => {})));
  });
  const { response } = await get(url);
  response.resume();
  const ended = once(response, 'end');
  await Promise.all([requests.stop(), server.close()]);
  await ended;
});

test('the request is found under the standard class and under the other one', async () => {
  const found: boolean[] = [];
  const { url } = await serve((app) => {
    app.get('/', async (c) => {
      for (const key of [standard[0] as typeof Request, Request])
        found.push((await requestContext(c).getResource(key)) === c.req.raw);
      return c.text('found');
    });
  });
  expect((await fetch(url)).status).toBe(200);
  expect(found).toEqual([true, true]);
});

describe('complete text', () => {
  test.each([
    ['closes its context before it is sent', undefined, 200],
    ['is a 500 when the teardown fails', new Error('the disk is full'), 500],
  ])('%s', async (_, failure, status) => {
    const { app } = await serve((web) => {
      web.get('/', (c) => {
        requestContext(c).onTeardown(async () => {
          await nextTurn();
          if (failure) throw failure;
        });
        return c.text('hello');
      });
    });
    expect((await app.request('/')).status).toBe(status);
  });

  test('is returned synchronously', async () => {
    const { app } = await serve((web) => web.get('/', (c) => c.text(requestContext(c).state)));
    expect(app.request('/')).toBeInstanceOf(Response);
  });
});

test('serveStatic() sets headers in onFound', async () => {
  const { url } = await serve((app) => {
    const onFound = (_: string, c: { header(name: string, value: string): void }): void =>
      c.header('Cache-Control', 'max-age=60');
    app.use('/static/*', serveStatic({ ...staticFiles(), onFound }));
  });
  const response = await fetch(`${url}/static/page.txt`);
  expect([await response.text(), response.headers.get('cache-control')]).toEqual(['a page', 'max-age=60']);
});
