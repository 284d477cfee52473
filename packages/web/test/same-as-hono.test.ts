import { createAdaptorServer } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono, type Context } from 'hono';
import { compress } from 'hono/compress';
import { cors } from 'hono/cors';
import { etag } from 'hono/etag';
import { html } from 'hono/html';
import { secureHeaders } from 'hono/secure-headers';
import { describe, expect, onTestFinished, test } from 'vitest';

import { serve } from './serve.ts';
import { staticFiles } from './static-files.ts';

const bytes = new TextEncoder().encode('bytes');

const handlers: ReadonlyArray<[name: string, handler: (c: Context) => Response | Promise<Response>]> = [
  ['text', (c) => c.text('hello')],
  ['no text', (c) => c.text('')],
  ['text with a status', (c) => c.text('made', 201)],
  ['text with headers', (c) => c.text('a{}', 200, { 'content-type': 'text/css', 'x-kind': ['a', 'b'] })],
  ['text with more terms', (c) => c.text('gone', { status: 410, headers: { 'x-kind': 'more' } })],
  ['JSON', (c) => c.json({ page: [1, 'zwei', null] })],
  ['JSON with a status and headers', (c) => c.json({ page: 1 }, 404, { 'x-kind': 'json' })],
  ['JSON of nothing', (c) => c.json(undefined as never)],
  ['HTML', (c) => c.html('<p>é</p>', 200, { 'x-kind': 'html' })],
  ['markup', (c) => c.html(html`<p>${'a < b'}</p>`, 202)],
  ['markup that is awaited', (c) => c.html(html`<p>${Promise.resolve('later')}</p>`)],
  ['a body of text', (c) => c.body('hello')],
  ['a body of bytes', (c) => c.body(bytes, 200, { 'content-type': 'image/png' })],
  ['a body of bytes of no type', (c) => c.body(bytes)],
  ['a body of a buffer', (c) => c.body(bytes.slice().buffer)],
  ['a stream', (c) => c.body(new Blob(['streamed']).stream())],
  ['no body', (c) => c.body(null, 204)],
  ['a redirect', (c) => c.redirect('/elsewhere')],
  ['nothing found', (c) => c.notFound()],
  ['a standard Response', () => new Response('hello', { status: 203, headers: { 'x-kind': 'standard' } })],
  [
    'of an earlier header',
    (c) => {
      c.status(206);
      c.header('x-before', 'said');
      c.header('set-cookie', 'a=1', { append: true });
      c.header('set-cookie', 'b=2', { append: true });
      return c.json({ said: true });
    },
  ],
  [
    'of an earlier response',
    (c) => {
      c.res.headers.set('x-before', 'put');
      return c.text('hello');
    },
  ],
];

/** What a client gets. How the type of text is spaced differs between the kinds of Response. */
async function received(
  url: string,
  method: string,
): Promise<{ status: number; headers: readonly (readonly [name: string, value: string])[]; body: string }> {
  const response = await fetch(url, { method, redirect: 'manual' });
  const headers = [...response.headers].filter(([name]) => name !== 'date');
  return {
    status: response.status,
    headers: headers.map(([name, value]) => [name, value.replace('; charset', ';charset')]),
    body: Buffer.from(await response.arrayBuffer()).toString(),
  };
}

/** Serves a handler by hono alone, with standard responses. */
async function serveByHono(handler: (c: Context) => Response | Promise<Response>): Promise<string> {
  const { fetch: response } = new Hono().get('/', handler);
  const server = createAdaptorServer({ fetch: response, overrideGlobalObjects: false });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

test.each(handlers)('a client gets the same as of hono alone for %s', async (_, handler) => {
  const { url } = await serve((app) => app.get('/', handler as never));
  const byHono = await serveByHono(handler);
  expect(await received(url, 'GET')).toEqual(await received(byHono, 'GET'));
  // hono drops the length together with the body.
  const { headers, ...head } = await received(url, 'HEAD');
  const others = headers.filter(([name]) => name !== 'content-length');
  expect({ ...head, headers: others }).toEqual(await received(byHono, 'HEAD'));
});

describe('a complete response', () => {
  test('can be read, copied and changed like any other', async () => {
    const seen: unknown[] = [];
    const { url } = await serve((app) => {
      app.use(async (c, next) => {
        await next();
        seen.push(c.res.status, c.res.headers.get('content-type'), await c.res.clone().json());
        c.res = new Response('another', c.res);
      });
      app.get('/', (c) => c.json({ page: 1 }, 201));
    });
    const response = await fetch(url);
    expect(seen).toEqual([201, 'application/json', { page: 1 }]);
    expect([response.status, await response.text()]).toEqual([201, 'another']);
  });

  test('goes through middleware of hono that reads it, sets headers, or replaces it', async () => {
    const { url } = await serve((app) => {
      app.use(cors(), secureHeaders(), compress({ threshold: 10 }), etag());
      app.get('/', (c) => c.text('hello '.repeat(100)));
    });
    const response = await fetch(url, { headers: { 'accept-encoding': 'gzip' } });
    expect(await response.text()).toBe('hello '.repeat(100));
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'content-encoding': 'gzip',
      'x-frame-options': 'SAMEORIGIN',
      etag: expect.any(String),
    });
  });
});

test('a middleware sets headers of static files', async () => {
  const { url } = await serve((app) => {
    app.use(
      '/static/*',
      async (c, next) => {
        await next();
        c.header('Cache-Control', 'max-age=60');
      },
      serveStatic(staticFiles()),
    );
  });
  const response = await fetch(`${url}/static/page.txt`);
  expect([await response.text(), response.headers.get('cache-control')]).toEqual(['a page', 'max-age=60']);
  expect(response.headers.get('content-length')).toBe('6');
});
