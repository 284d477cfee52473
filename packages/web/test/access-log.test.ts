import { once } from 'node:events';
import { request } from 'node:http';
import { Component, component, inject, startApplication, type Application } from '@asphalt/core';
import { Deferred } from '@asphalt/test-support';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { stream, streamSSE } from 'hono/streaming';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { requestContext } from '../src/request/request-scope.ts';
import { requestId } from '../src/request/request-logger.ts';
import { WebApp } from '../src/web-app.ts';
import { WebComponent } from '../src/web-component.ts';
import type { WebEnv } from '../src/web-env.ts';
import { raw, send } from './raw-request.ts';
import { dataLogger, type DataLine } from './recorded-lines.ts';

interface Started {
  readonly app: Application;
  readonly url: string;
  readonly lines: DataLine[];
  /** Resolves to the data of the access log once it has a number of lines. */
  logged(count?: number): Promise<Array<DataLine['data']>>;
}

/** Starts an application with routes and an access log. */
async function start(addRoutes: (app: WebApp) => void, web: object = {}): Promise<Started> {
  @component({ components: { web: WebComponent } })
  class Site extends Component {
    @inject(WebApp) readonly web!: WebApp;

    override start(): void {
      addRoutes(this.web);
    }
  }
  const { logger, lines } = dataLogger();
  const config = { components: { web: { port: 0, accessLog: true, ...web } } };
  const app = await startApplication(Site, { logger, config });
  onTestFinished(() => app.stop());
  const access = (): Array<DataLine['data']> =>
    lines.filter(({ level, data }) => level === 'info' && 'ms' in data).map(({ data }) => data);
  return {
    app,
    url: app.context.getResourceSync(WebApp).url!,
    lines,
    logged: (count = 1) =>
      vi.waitFor(() => {
        expect(access()).toHaveLength(count);
        return access();
      }),
  };
}

describe('a line of the access log', () => {
  test('shows request, response and time, without the query', async () => {
    const { url, lines, logged } = await start((app) => app.get('/pages/:id', (c) => c.text('hellö', 201)));
    const response = await fetch(`${url}/pages/7?token=secret`);
    const [line] = await logged();
    expect(line).toEqual({
      path: '/pages/7',
      method: 'GET',
      route: '/pages/:id',
      status: 201,
      bytes: 6,
      ms: expect.any(Number) as number,
      client: '127.0.0.1',
      request: response.headers.get('x-request-id'),
    });
    expect(lines.at(-1)).toMatchObject({ level: 'info', message: 'GET /pages/7 201' });
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  test('has no status if the client left while the response waited for another one', async () => {
    const slow = new Deferred<void>();
    const entered = new Deferred<void>();
    const { url, logged } = await start((app) => {
      app.get('/first', (c) => c.text('first'));
      app.get('/slow', async (c) => {
        entered.resolve();
        await slow.promise;
        return c.text('slow');
      });
      app.get('/next', (c) => c.text('next'));
    });
    const paths = ['/first', '/slow', '/next', '/next', '/next'];
    const socket = await send(url, paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join(''));
    await Promise.all([once(socket, 'data'), entered.promise]);
    socket.destroy();
    await vi.waitFor(async () => expect(await logged(4)).toBeDefined());
    slow.resolve();
    const lines = await logged(5);
    expect(lines.map(({ path, status, bytes }) => [path, status, bytes]).toSorted()).toEqual([
      ['/first', 200, 5],
      ['/next', undefined, 0],
      ['/next', undefined, 0],
      ['/next', undefined, 0],
      ['/slow', undefined, 0],
    ]);
  });

  test('is absent by default', async () => {
    const { url, app, lines } = await start((web) => web.get('/', (c) => c.text('hello')), { accessLog: false });
    expect(await (await fetch(url)).text()).toBe('hello');
    await app.stop();
    expect(lines.filter(({ data }) => 'ms' in data)).toEqual([]);
  });

  test('is written after the context has closed, with the status of a failed commit', async () => {
    const steps: string[] = [];
    const { url, lines, logged } = await start((app) => {
      app.post('/orders', (c) => {
        requestContext(c).onTeardown(() => {
          steps.push(`teardown, ${lines.filter(({ data }) => 'ms' in data).length} lines`);
          throw new Error('the disk is full');
        });
        return c.text('saved', 201);
      });
    });
    expect((await fetch(`${url}/orders`, { method: 'POST' })).status).toBe(500);
    expect(await logged()).toMatchObject([{ method: 'POST', route: '/orders', status: 500, bytes: 21 }]);
    expect(steps).toEqual(['teardown, 0 lines']);
  });

  test('shows responses that no handler created', async () => {
    const { url, logged } = await start(
      (app) => {
        app.post('/upload', async (c) => c.text(String((await c.req.arrayBuffer()).byteLength)));
        app.get('/broken', () => {
          throw new Error('broken');
        });
        app.get('/conflict', () => {
          throw new HTTPException(409, { message: 'exists' });
        });
        app.route(
          '/api',
          new Hono<WebEnv>().get('/items', (c) => c.text('items')),
        );
      },
      { bodyLimit: 10 },
    );
    await (await fetch(`${url}/nowhere`)).text();
    await (await fetch(`${url}/broken`)).text();
    await (await fetch(`${url}/conflict`)).text();
    await (await fetch(`${url}/api/items`)).text();
    await (await fetch(`${url}/upload`, { method: 'POST', body: 'much too long' })).text();
    await raw(url, 'GET /?a=1 HTTP/1.1\r\nHost: evil.example');
    await raw(url, 'GET /%5c\\ HTTP/1.1\r\nHost: localhost');
    expect((await logged(7)).map(({ path, route, status, aborted }) => [path, route, status, aborted])).toEqual([
      ['/nowhere', undefined, 404, undefined],
      ['/broken', '/broken', 500, undefined],
      ['/conflict', '/conflict', 409, undefined],
      ['/api/items', '/api/items', 200, undefined],
      ['/upload', '/upload', 413, undefined],
      ['/', undefined, 421, undefined],
      ['/%5c\\', undefined, 400, undefined],
    ]);
  });

  test('counts no body of responses that have none', async () => {
    const { url, logged } = await start((app) => {
      app.get('/', (c) => c.text('hello'));
      app.get('/empty', (c) => c.body(null, 204));
      app.get('/same', (c) => c.body(null, 304));
    });
    await fetch(url, { method: 'HEAD' });
    await fetch(`${url}/empty`);
    await fetch(`${url}/same`);
    expect((await logged(3)).map(({ method, status, bytes }) => [method, status, bytes])).toEqual([
      ['HEAD', 200, 0],
      ['GET', 204, 0],
      ['GET', 304, 0],
    ]);
  });

  test('of a streamed response follows its last byte, and counts all of them', async () => {
    const proceed = new Deferred();
    const { url, lines, logged } = await start((app) => {
      app.get('/', (c) =>
        stream(c, async (out) => {
          await out.write('first ');
          await proceed.promise;
          await out.write('last');
        }),
      );
    });
    const response = await fetch(url);
    expect(lines.filter(({ data }) => 'ms' in data)).toEqual([]);
    proceed.resolve();
    expect(await response.text()).toBe('first last');
    expect(await logged()).toMatchObject([{ status: 200, bytes: 10 }]);
  });
});

describe('a request that no handler receives', () => {
  const routes = (app: WebApp): void => {
    app.post('/upload', async (c) => c.text(await c.req.text()));
    app.get('/events', (c) =>
      stream(c, async (out) => {
        await out.write('first');
        await new Promise<void>((resolve) => out.onAbort(resolve));
      }),
    );
  };
  const refusals = (lines: readonly DataLine[]): Array<DataLine['data']> =>
    lines.filter(({ data }) => 'reason' in data).map(({ data }) => data);

  test.each([
    ['is malformed', 'GET / HTTP/9.9\r\n\r\n', {}, 400, 'HPE_INVALID_VERSION'],
    [
      'has a head above the limit',
      `GET /${'x'.repeat(2000)} HTTP/1.1\r\n`,
      { headerLimit: 1024 },
      431,
      'HPE_HEADER_OVERFLOW',
    ],
    ['arrives too slowly', 'GET / HTTP/1.1\r\n', { headersTimeout: 50 }, 408, 'ERR_HTTP_REQUEST_TIMEOUT'],
  ])('is logged with its status when it %s', async (_, text, web, status, reason) => {
    const { url, lines } = await start(routes, web);
    const socket = await send(url, text);
    let received = '';
    socket.setEncoding('latin1').on('data', (part: string) => (received += part));
    await once(socket, 'close');
    expect(received).toMatch(new RegExp(`^HTTP/1.1 ${status} .*\r\ncontent-type: text/plain`));
    expect(refusals(lines)).toEqual([{ path: 'web', status, client: '127.0.0.1', reason }]);
  });

  test('is logged with the path and the status when its body is malformed or too slow', async () => {
    const { url, logged, lines } = await start(routes, { errors: 'problem', requestTimeout: 50, headersTimeout: 50 });
    const head = 'POST /upload?a=1 HTTP/1.1\r\nHost: localhost\r\n';
    for (const rest of ['Transfer-Encoding: chunked\r\n\r\nno size\r\n', 'Content-Length: 5\r\n\r\nab']) {
      const socket = await send(url, head + rest);
      let received = '';
      socket.setEncoding('latin1').on('data', (part: string) => (received += part));
      await once(socket, 'close');
      expect(received).toContain('content-type: application/problem+json');
    }
    expect(await logged(2)).toMatchObject([
      { method: 'POST', path: '/upload', status: 400 },
      { method: 'POST', path: '/upload', status: 408 },
    ]);
    for (const data of await logged(2)) expect(data).not.toHaveProperty('aborted');
    expect(refusals(lines)).toEqual([]);
  });

  test('breaks off a response before it on the same connection, and is no part of it', async () => {
    const { url, logged } = await start(routes);
    const socket = await send(url, 'GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    let received = '';
    socket.setEncoding('latin1').on('data', (part: string) => (received += part));
    await vi.waitFor(() => expect(received).toContain('first'));
    socket.write('POST /upload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n');
    socket.on('error', () => {});
    await once(socket, 'close');
    expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(await logged(2)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ path: '/events', status: 200, aborted: true }),
        expect.objectContaining({ path: '/upload', aborted: true }),
      ]),
    );
  });

  test('is not logged if its connection was never used', async () => {
    const { url, lines } = await start(routes, { headersTimeout: 50 });
    const socket = await send(url, '');
    socket.resume();
    await once(socket, 'close');
    expect(refusals(lines)).toEqual([]);
  });
});

describe('a line of a response that was broken off', () => {
  test('has no status if the client left before, and waits for the context', async () => {
    const [entered, closing, proceed] = [new Deferred(), new Deferred(), new Deferred()];
    const { url, lines, logged } = await start((app) => {
      app.get('/slow', async (c) => {
        requestContext(c).onTeardown(async () => {
          closing.resolve();
          await proceed.promise;
        });
        entered.resolve();
        await once(requestContext(c).abort, 'abort');
        return c.text('too late');
      });
    });
    const outgoing = request(`${url}/slow`, { agent: false }).end();
    outgoing.on('error', () => {});
    await entered.promise;
    outgoing.destroy();
    await closing.promise;
    expect(lines.filter(({ data }) => 'ms' in data)).toEqual([]);
    proceed.resolve();
    const [line] = await logged();
    expect(line).toMatchObject({ path: '/slow', route: '/slow', aborted: true, bytes: 0 });
    expect(line).not.toHaveProperty('status');
    expect(lines.at(-1)!.message).toBe('GET /slow aborted');
  });

  test('shows the status and the bytes that were sent before', async () => {
    const { url, logged } = await start((app) => {
      app.get('/', (c) =>
        stream(c, async (out) => {
          await out.write('first ');
          await new Promise<void>((resolve) => out.onAbort(resolve));
        }),
      );
    });
    const leaving = new AbortController();
    const response = await fetch(url, { signal: leaving.signal });
    await response.body!.getReader().read();
    leaving.abort();
    expect(await logged()).toMatchObject([{ status: 200, bytes: 6, aborted: true }]);
  });

  test('shows the status of a stream whose context fails to close, if the client received it', async () => {
    const received = new Deferred();
    const { url, logged } = await start((app) => {
      app.get('/:part', (c) => {
        requestContext(c).onTeardown(() => Promise.reject(new Error('the disk is full')));
        return stream(c, async (out) => {
          await out.write('part');
          if (c.req.param('part') === 'received') await received.promise;
          else await new Promise(setImmediate);
        });
      });
    });
    const response = await fetch(`${url}/received`);
    received.resolve();
    await expect(response.text()).rejects.toThrow('terminated');
    const status = await fetch(`${url}/dropped`).then(
      (it) => it.status,
      () => undefined,
    );
    const lines = await logged(2);
    expect(lines[0]).toMatchObject({ status: 200, bytes: 4, aborted: true });
    expect([lines[1]!['status'], lines[1]!['aborted']]).toEqual([status, true]);
  });

  test('is written before the application has stopped', async () => {
    const entered = new Deferred();
    const { app, url, logged } = await start(
      (web) => {
        web.get('/hanging', (c) => {
          requestContext(c);
          entered.resolve();
          return new Promise<Response>(() => {});
        });
        web.get('/events', (c) => streamSSE(c, () => new Promise(() => {})));
      },
      { shutdownTimeout: '50ms' },
    );
    const hanging = fetch(`${url}/hanging`).catch(() => 'broken off');
    await entered.promise;
    const events = await fetch(`${url}/events`);
    await app.stop();
    expect(await hanging).toBe('broken off');
    await events.text();
    expect((await logged(2)).map(({ path, status, aborted }) => [path, status, aborted])).toEqual(
      expect.arrayContaining([
        ['/hanging', undefined, true],
        ['/events', 200, undefined],
      ]),
    );
  });
});

describe('the id of a request', () => {
  test('is in the response, in the context, in the log and in `requestId(c)`', async () => {
    const { url, logged } = await start((app) => {
      app.get('/', (c) => c.json([requestId(c), requestContext(c).ids['request'], requestId(c)]));
    });
    const response = await fetch(url);
    const id = response.headers.get('x-request-id');
    expect(id).toMatch(/^[\w-]{36}$/);
    expect(await response.json()).toEqual([id, id, id]);
    expect(await logged()).toMatchObject([{ request: id }]);
    expect((await fetch(url)).headers.get('x-request-id')).not.toBe(id);
  });

  test('is in responses that no handler created', async () => {
    const { url, logged } = await start(() => {});
    const refused = await raw(url, 'GET / HTTP/1.1\r\nHost: evil.example');
    const id = /^x-request-id: (.*)$/m.exec(refused.head)?.[1]?.trim();
    expect(await logged()).toMatchObject([{ status: 421, request: id }]);
    expect((await raw(url, 'GET /\\ HTTP/1.1\r\nHost: localhost')).head).toContain('\nx-request-id: ');
  });

  test('of a client is ignored', async () => {
    const { url } = await start((app) => app.get('/', (c) => c.text(requestId(c))));
    const response = await fetch(url, { headers: { 'x-request-id': 'mine' } });
    expect(await response.text()).not.toBe('mine');
    expect(response.headers.get('x-request-id')).not.toBe('mine');
  });

  test('has another header by the option', async () => {
    const { url } = await start((app) => app.get('/', (c) => c.text(requestId(c))), { requestId: 'X-Correlation-ID' });
    const response = await fetch(url);
    expect(response.headers.get('x-correlation-id')).toBe(await response.text());
    expect(response.headers.get('x-request-id')).toBeNull();
  });

  test('exists without a header, once it is read', async () => {
    const { url, logged } = await start(
      (app) => {
        app.get('/', (c) => c.text('hello'));
        app.get('/id', (c) => c.text(requestId(c)));
      },
      { requestId: '' },
    );
    expect((await fetch(url)).headers.get('x-request-id')).toBeNull();
    const id = await (await fetch(`${url}/id`)).text();
    expect(id).toMatch(/^[\w-]{36}$/);
    expect((await logged(2)).map(({ request: logged }) => logged)).toEqual([undefined, id]);
  });

  test('gives way to the header of a handler', async () => {
    const { url } = await start((app) => app.get('/', (c) => c.text('hello', 200, { 'X-Request-Id': 'own' })));
    expect((await fetch(url)).headers.get('x-request-id')).toBe('own');
  });

  test('is kept in responses of a connection that a client reuses', async () => {
    const { url } = await start((app) => app.get('/', (c) => c.text(requestId(c))));
    const socket = await send(url, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(2));
    let text = '';
    socket.setEncoding('latin1').on('data', (part: string) => (text += part));
    await vi.waitFor(() => expect(text.match(/x-request-id: /g)).toHaveLength(2));
    const ids = Array.from(text.matchAll(/x-request-id: (\S+)/g), ([, id]) => id);
    expect(new Set(ids).size).toBe(2);
    socket.destroy();
  });
});
