import { Hono } from 'hono';
import { getCookie } from 'hono/cookie';
import { HTTPException } from 'hono/http-exception';
import { validator } from 'hono/validator';
import { describe, expect, test } from 'vitest';
import { requestContext } from '../src/request/request-scope.ts';
import type { WebEnv } from '../src/web-env.ts';
import { raw } from './raw-request.ts';
import { serve, type Served } from './serve.ts';

function serveReaders(): Promise<Served> {
  return serve((app) => {
    app.post('/json', async (c) => c.json(await c.req.json()));
    app.post('/text-json', async (c) => c.json(JSON.parse(await c.req.text()) as object));
    app.post('/form', async (c) => c.json(await c.req.parseBody()));
    app.post('/form-data', async (c) => c.json([...(await c.req.formData()).keys()]));
    app.post(
      '/validated',
      validator('json', (value: object) => value),
      (c) => c.json(c.req.valid('json')),
    );
    app.post('/context', async (c) => {
      requestContext(c);
      return c.json(await c.req.json());
    });
    app.use('/behind', (_, next) => next());
    app.post('/behind', async (c) => c.json(await c.req.json()));
    app.route(
      '/other',
      new Hono<WebEnv>().post('/', async (c) => c.json(await c.req.json())),
    );
    app.post('/own', async (c) => {
      await c.req.text();
      return c.json(JSON.parse('{ "stored": ') as object);
    });
    app.post('/twice', async (c) => {
      await c.req.raw.text();
      return c.json([...(await c.req.formData()).keys()]);
    });
    app.all('/pages/:id', (c) => c.json([c.req.param('id'), c.req.query(), c.req.queries(), getCookie(c)]));
  });
}

describe('a malformed body is a 400', () => {
  test.each(['/json', '/text-json', '/context', '/behind', '/other', '/validated'])('as JSON of %s', async (path) => {
    const { url, lines } = await serveReaders();
    for (const body of ['{', '', '\u0000', '{"a":1}}', '[1,', 'undefined']) {
      const response = await fetch(url + path, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      });
      expect(response.status).toBe(400);
      expect((await response.text()).length).toBeLessThan(60);
    }
    expect(lines).toEqual([]);
  });

  test.each([
    ['/form', 'multipart/form-data'],
    ['/form', 'multipart/form-data; boundary=x'],
    ['/form-data', 'multipart/form-data; boundary='],
    ['/form-data', 'text/plain'],
  ])('as a form of %s in %s', async (path, type) => {
    const { url, lines } = await serveReaders();
    const response = await fetch(url + path, { method: 'POST', body: '--y\r\nz', headers: { 'content-type': type } });
    expect([response.status, await response.text()]).toEqual([400, 'Bad Request']);
    expect(lines).toEqual([]);
  });

  test('which an onError of the application receives as an HTTPException', async () => {
    const { app } = await serve((web) => {
      web.post('/', async (c) => c.json(await c.req.json()));
      web.onError((error, c) =>
        c.json([error instanceof HTTPException && error.status, (error.cause as { code: string }).code], 418),
      );
    });
    const response = await app.request('/', { method: 'POST', body: '{' });
    expect(await response.json()).toEqual([400, 'ERR_WEB_MALFORMED_BODY']);
  });

  test('but other text that a handler parses, and a body that it reads twice, are its own errors', async () => {
    const { url, lines } = await serveReaders();
    for (const path of ['/own', '/twice'])
      expect((await fetch(url + path, { method: 'POST', body: '{}' })).status).toBe(500);
    expect(lines).toHaveLength(2);
  });
});

describe('a malformed request is no 500 and ends nothing', () => {
  const requests: ReadonlyArray<[what: string, head: string]> = [
    ['a broken percent-encoding', 'GET /pages/%E0%A4%A HTTP/1.1\r\nHost: localhost'],
    ['a percent sign', 'GET /pages/100% HTTP/1.1\r\nHost: localhost'],
    ['a NUL', 'GET /pages/%00 HTTP/1.1\r\nHost: localhost'],
    ['an encoded surrogate', 'GET /pages/%ED%A0%80 HTTP/1.1\r\nHost: localhost'],
    ['an encoded slash', 'GET /pages/a%2Fb HTTP/1.1\r\nHost: localhost'],
    ['a broken query', 'GET /pages/1?a=%E0%A4%A&%=%&&=&a[=1 HTTP/1.1\r\nHost: localhost'],
    ['a query of a prototype', 'GET /pages/1?__proto__=1&constructor=2&toString=3 HTTP/1.1\r\nHost: localhost'],
    ['a broken cookie', 'GET /pages/1 HTTP/1.1\r\nHost: localhost\r\nCookie: a=%E0%A4%A; =; ;;b="; __proto__=1'],
    ['bytes beyond ASCII in the path', 'GET /pages/\u00e9 HTTP/1.1\r\nHost: localhost'],
    ['a backslash', 'GET /pages\\1 HTTP/1.1\r\nHost: localhost'],
    ['dots', 'GET /../../etc HTTP/1.1\r\nHost: localhost'],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: localhost'],
    ['an authority as target', 'GET localhost:80 HTTP/1.1\r\nHost: localhost'],
    ['another scheme', 'GET ftp://localhost/ HTTP/1.1\r\nHost: localhost'],
    ['an empty absolute target', 'GET http:// HTTP/1.1\r\nHost: localhost'],
    ['an unknown method', 'BREW /pages/1 HTTP/1.1\r\nHost: localhost'],
    ['a method in lower case', 'get /pages/1 HTTP/1.1\r\nHost: localhost'],
    ['TRACE', 'TRACE /pages/1 HTTP/1.1\r\nHost: localhost'],
    ['PROPFIND', 'PROPFIND /pages/1 HTTP/1.1\r\nHost: localhost'],
    ['a length that is no number', 'POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Length: x'],
    ['a negative length', 'POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1'],
    ['two lengths', 'POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2'],
    ['length and chunks', 'POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked'],
    ['an unknown encoding', 'POST /json HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip'],
    ['a header without a name', 'GET /pages/1 HTTP/1.1\r\nHost: localhost\r\n: x'],
    ['a header with a NUL', 'GET /pages/1 HTTP/1.1\r\nHost: localhost\r\nX: \u0000'],
    ['headers that are too large', `GET /pages/1 HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}`],
    ['an expectation', 'GET /pages/1 HTTP/1.1\r\nHost: localhost\r\nExpect: a miracle'],
    ['no HTTP', 'hello'],
  ];

  test.each(requests)('%s', async (_, head) => {
    const { url, lines } = await serveReaders();
    const { status } = await raw(url, head);
    expect(status).toBeGreaterThanOrEqual(200);
    expect(status).toBeLessThan(500);
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
    expect((await fetch(`${url}/pages/1`)).status).toBe(200);
  });

  test('CONNECT and an upgrade without a handler', async () => {
    const { url } = await serveReaders();
    await raw(url, 'CONNECT localhost:80 HTTP/1.1\r\nHost: localhost');
    await raw(url, 'GET /pages/1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket');
    expect((await fetch(`${url}/pages/1`)).status).toBe(200);
  });
});
