/** Middleware of hono with contexts: when a context closes, and what a client receives if that fails. */
import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { Component, component, defineConfig, inject, listOf, startApplication } from '@asphalt/core';
import { Deferred } from '@asphalt/test-support';
import { serveStatic } from '@hono/node-server/serve-static';
import { compress } from 'hono/compress';
import { getSignedCookie, setCookie, setSignedCookie } from 'hono/cookie';
import { cors } from 'hono/cors';
import { csrf } from 'hono/csrf';
import { etag } from 'hono/etag';
import { secureHeaders } from 'hono/secure-headers';
import { stream } from 'hono/streaming';
import { describe, expect, onTestFinished, test } from 'vitest';
import { requestContext } from '../src/request/request-scope.ts';
import { WebApp } from '../src/web-app.ts';
import { WebComponent } from '../src/web-component.ts';
import { raw } from './raw-request.ts';
import { serve } from './serve.ts';
import { staticFiles } from './static-files.ts';

const failing = (): Promise<never> => Promise.reject(new Error('the disk is full'));

/** Sends a GET without decoding the response. */
async function rawGet(url: string, headers: Record<string, string>): Promise<IncomingMessage> {
  const [response] = (await once(httpGet(url, { agent: false, headers }), 'response')) as [IncomingMessage];
  return response;
}

describe('compress()', () => {
  const gzip = { 'accept-encoding': 'gzip' };

  test('passes compressed data on before the context closes, and the end after it', async () => {
    const [proceed, closing] = [new Deferred(), new Deferred()];
    const steps: string[] = [];
    const { url } = await serve((app) => {
      app.use(compress());
      app.get('/', (c) => {
        requestContext(c).onTeardown(() => {
          steps.push('closed');
          closing.resolve();
        });
        c.header('content-type', 'text/plain');
        return stream(c, async (out) => {
          // Enough for the compressor to produce output before its input ends.
          for (let part = 0; part < 20; part++) await out.write(crypto.getRandomValues(new Uint8Array(32_768)));
          await proceed.promise;
          await out.write('last');
        });
      });
    });
    const response = await rawGet(url, gzip);
    expect([response.headers['content-encoding'], response.headers['content-length']]).toEqual(['gzip', undefined]);
    const parts: Buffer[] = [];
    response.on('data', (part: Buffer) => parts.push(part));
    await once(response, 'data');
    expect(steps).toEqual([]);
    proceed.resolve();
    await once(response, 'end');
    expect(steps).toEqual(['closed']);
    expect(gunzipSync(Buffer.concat(parts)).subarray(-4).toString()).toBe('last');
  });

  test('a teardown that fails breaks a compressed response off', async () => {
    const { url, lines } = await serve((app) => {
      app.use(compress());
      app.get('/', (c) => {
        requestContext(c).onTeardown(failing);
        return c.text('hello '.repeat(1000));
      });
    });
    const response = await fetch(url);
    await expect(response.text()).rejects.toThrow('terminated');
    expect(lines).toMatchObject([{ level: 'error', message: 'GET / failed' }]);
  });
});

describe('etag()', () => {
  const routes = (app: WebApp): void => {
    app.use(etag());
    app.get('/page', (c) => {
      requestContext(c).onTeardown(() => {});
      return c.text('page');
    });
    app.get('/failing', (c) => {
      requestContext(c).onTeardown(failing);
      return c.text('page');
    });
  };

  test('the response to a known version is a 304 without a body', async () => {
    const { url } = await serve(routes);
    const tag = (await fetch(`${url}/page`)).headers.get('etag')!;
    const response = await fetch(`${url}/page`, { headers: { 'if-none-match': tag } });
    expect([response.status, response.headers.get('etag'), await response.text()]).toEqual([304, tag, '']);
  });

  test('a failing teardown is a 500, also for a client that knows the version', async () => {
    const { url } = await serve(routes);
    const tag = (await fetch(`${url}/page`)).headers.get('etag')!;
    for (const headers of [{}, { 'if-none-match': tag }] as Record<string, string>[]) {
      const response = await fetch(`${url}/failing`, { headers });
      expect([response.status, response.headers.get('etag')]).toEqual([500, null]);
    }
  });
});

describe('secureHeaders()', () => {
  test('is in pages, errors and responses to unknown paths', async () => {
    const { url } = await serve((app) => {
      app.use(secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'self'"] } }));
      app.get('/page', (c) => c.text('page'));
      app.get('/failing', () => {
        throw new Error('broken');
      });
    });
    for (const [path, status] of [
      ['/page', 200],
      ['/failing', 500],
      ['/nowhere', 404],
    ] as const) {
      const response = await fetch(url + path);
      expect([response.status, response.headers.get('content-security-policy')]).toEqual([
        status,
        "default-src 'self'",
      ]);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });
});

describe('serveStatic()', () => {
  test('sends files after the routes, and keeps the context open while it reads them', async () => {
    const states: string[] = [];
    const closed = new Deferred();
    const { url } = await serve((app) => {
      app.use(async (c, next) => {
        const context = requestContext(c);
        await next();
        states.push(context.state);
        context.onTeardown(() => {
          states.push('teardown');
          closed.resolve();
        });
      });
      app.stage(1).get('/static/*', serveStatic(staticFiles()));
      app.get('/static/own', (c) => c.text('own'));
    });
    expect(await (await fetch(`${url}/static/page.txt`)).text()).toBe('a page');
    // The file has a known length, so the client does not wait for the end of the response.
    await closed.promise;
    expect(states).toEqual(['open', 'teardown']);
    expect(await (await fetch(`${url}/static/own`)).text()).toBe('own');
    expect((await fetch(`${url}/static/missing.txt`)).status).toBe(404);
    const part = await fetch(`${url}/static/page.txt`, { headers: { range: 'bytes=2-3' } });
    expect([part.status, await part.text()]).toEqual([206, 'pa']);
  });

  test('sends no file outside of its folder', async () => {
    const { url } = await serve((app) => app.get('/static/*', serveStatic(staticFiles())));
    for (const path of [
      '/static/../package.json',
      '/static/..%2f..%2fetc/passwd',
      '/static/%2e%2e/%2e%2e/etc/passwd',
    ]) {
      expect((await raw(url, `GET ${path} HTTP/1.1\r\nHost: localhost`)).status).toBe(404);
    }
  });
});

describe('cookies', () => {
  test('that a handler sets are sent only if its work was committed', async () => {
    const { url } = await serve((app) => {
      app.post('/:end', async (c) => {
        if (c.req.param('end') === 'failing') requestContext(c).onTeardown(failing);
        c.header('cache-control', 'max-age=3600');
        setCookie(c, 'plain', 'a b', { httpOnly: true, sameSite: 'Lax' });
        await setSignedCookie(c, 'session', 's1', 'secret');
        return c.text('saved');
      });
      app.get('/', async (c) => c.json(await getSignedCookie(c, 'secret', 'session')));
    });
    const failed = await fetch(`${url}/failing`, { method: 'POST' });
    expect(failed.headers.getSetCookie()).toEqual([]);
    expect([failed.status, failed.headers.get('cache-control')]).toEqual([500, null]);
    const cookies = (await fetch(`${url}/good`, { method: 'POST' })).headers.getSetCookie();
    expect(cookies).toMatchObject(['plain=a%20b; Path=/; HttpOnly; SameSite=Lax', /^session=s1\./]);
    const session = cookies[1]!.split(';', 1)[0]!;
    expect(await (await fetch(url, { headers: { cookie: session } })).json()).toBe('s1');
    expect(await (await fetch(url, { headers: { cookie: session.replace('s1', 's2') } })).json()).toBe(false);
  });
});

describe('cors() with origins from the configuration', () => {
  const options = defineConfig({
    origins: { doc: 'Sites that may call the API', format: listOf('string'), default: [] },
  });

  @component({ config: options })
  class Access extends Component<typeof options> {
    @inject(WebApp) readonly web!: WebApp;

    override start(): void {
      this.web.use('/api/*', cors({ origin: [...this.config.origins], credentials: true }), csrf());
    }
  }

  @component({ components: { web: WebComponent, access: Access } })
  class Site extends Component {
    @inject(WebApp) readonly web!: WebApp;

    override start(): void {
      this.web.post('/api/orders', (c) => c.text('saved'));
    }
  }

  async function start(): Promise<string> {
    const components = { web: { port: 0 }, access: { origins: ['https://shop.example.org'] } };
    const app = await startApplication(Site, { config: { components } });
    onTestFinished(() => app.stop());
    return app.context.getResourceSync(WebApp).url!;
  }

  test('answers the preflight of a listed site only', async () => {
    const url = await start();
    const preflight = (origin: string): Promise<Response> =>
      fetch(`${url}/api/orders`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    const response = await preflight('https://shop.example.org');
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([
      204,
      'https://shop.example.org',
    ]);
    expect(response.headers.get('access-control-allow-credentials')).toBe('true');
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('covers errors, and csrf() refuses forms of other sites', async () => {
    const url = await start();
    const headers = { origin: 'https://shop.example.org' };
    const missing = await fetch(`${url}/api/nowhere`, { headers });
    expect([missing.status, missing.headers.get('access-control-allow-origin')]).toEqual([404, headers.origin]);
    const form = { method: 'POST', headers, body: new URLSearchParams({ item: 'tea' }) };
    expect((await fetch(`${url}/api/orders`, form)).status).toBe(403);
    expect((await fetch(`${url}/api/orders`, { ...form, headers: { origin: url } })).status).toBe(200);
  });
});
