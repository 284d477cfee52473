import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Deferred } from '@asphalt/test-support';
import { describe, expect, onTestFinished, test } from 'vitest';
import { requestContext } from '../src/request/request-scope.ts';
import type { ServerLimits } from '../src/server/limits.ts';
import { raw, send } from './raw-request.ts';
import { serve, type Served } from './serve.ts';

const usual: ServerLimits = {
  headerLimit: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  idleTimeout: 65_000,
  maxConnections: 10_000,
};

interface Limited extends Served {
  /** The errors with which contexts of `POST /read` were closed. */
  readonly ends: unknown[];
}

/** Serves routes with these limits. After the test, no connection and no context is left. */
async function serveWith(limits: Partial<ServerLimits>): Promise<Limited> {
  const ends: unknown[] = [];
  const served = await serve(
    (app) => {
      app.get('/', (c) => c.text('hello'));
      app.post('/read', async (c) => {
        requestContext(c).onTeardown((error) => void ends.push(error));
        return c.text(await c.req.text());
      });
    },
    undefined,
    { limits: { ...usual, ...limits } },
  );
  return { ...served, ends };
}

/** Receives until the server closes the connection. */
async function received(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => (text += String(chunk)));
  // A server that refuses a connection may reset it.
  socket.on('error', () => {});
  if (!socket.closed) await once(socket, 'close').catch(() => {});
  return text;
}

async function statusOf(socket: Socket): Promise<number> {
  return Number((await received(socket)).split(' ')[1]);
}

const hello = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

test('time limits may be parts of milliseconds', async () => {
  const { url } = await serveWith({ headersTimeout: 1001.1, requestTimeout: 5000.1, idleTimeout: 1000.5 });
  expect((await raw(url, 'GET / HTTP/1.1\r\nHost: localhost')).status).toBe(200);
});

describe('a slow client', () => {
  test.each([
    ['sends nothing', ''],
    ['sends a part of the first line', 'GET / HT'],
    ['sends a part of the headers', 'GET / HTTP/1.1\r\nHost: localhost\r\nX-A: 1\r\n'],
  ])('that %s receives a 408 after the limit of the head', async (_, text) => {
    const { url } = await serveWith({ headersTimeout: 50 });
    expect(await statusOf(await send(url, text))).toBe(408);
  });

  test('that sends one header after another receives a 408, too', async () => {
    const { url } = await serveWith({ headersTimeout: 100 });
    const socket = await send(url, 'GET / HTTP/1.1\r\nHost: localhost\r\n');
    const drip = setInterval(() => socket.write('X-A: 1\r\n'), 10);
    onTestFinished(() => clearInterval(drip));
    expect(await statusOf(socket)).toBe(408);
  });

  test.each(['Content-Length: 100000', 'Transfer-Encoding: chunked'])(
    'that sends its body too slowly receives a 408, and the context of its request is closed: %s',
    async (framing) => {
      const { url, ends, lines } = await serveWith({ headersTimeout: 50, requestTimeout: 100 });
      const socket = await send(url, `POST /read HTTP/1.1\r\nHost: localhost\r\n${framing}\r\n\r\n`);
      const drip = setInterval(() => socket.write('1\r\na\r\n'), 10);
      onTestFinished(() => clearInterval(drip));
      expect(await statusOf(socket)).toBe(408);
      while (ends.length === 0) await nextTurn();
      expect(ends).toEqual([expect.any(Error)]);
      expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
    },
  );

  test('that is idle between requests is disconnected, and one in a request is not', async () => {
    const slow = new Deferred();
    const { url } = await serve(
      (app) => {
        app.get('/', (c) => c.text('hello'));
        app.get('/slow', async (c) => {
          await slow.promise;
          return c.text('in time');
        });
      },
      undefined,
      { limits: { ...usual, idleTimeout: 50 } },
    );
    const busy = await send(url, `${hello}GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    const rest = received(busy);
    expect(await received(await send(url, hello))).toContain('hello');
    slow.resolve();
    expect(await rest).toContain('in time');
  });
});

describe('an oversized head', () => {
  test.each([
    ['one header', `GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ${'a'.repeat(17_000)}`],
    ['many headers', `GET / HTTP/1.1\r\nHost: localhost\r\n${'X-A: 1\r\n'.repeat(8000)}X-B: 1`],
    ['a target', `GET /${'a'.repeat(17_000)} HTTP/1.1\r\nHost: localhost`],
    ['a cookie', `GET / HTTP/1.1\r\nHost: localhost\r\nCookie: ${'a=b; '.repeat(4000)}`],
  ])('is a 431: %s', async (_, head) => {
    const { url } = await serveWith({});
    expect((await raw(url, head)).status).toBe(431);
    expect((await raw(url, 'GET / HTTP/1.1\r\nHost: localhost')).status).toBe(200);
  });

  test('has the limit of the option', async () => {
    const { url } = await serveWith({ headerLimit: 64 * 1024 });
    const head = `GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ${'a'.repeat(60_000)}`;
    expect((await raw(url, head)).status).toBe(200);
  });
});

describe('a request that is none', () => {
  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.6'],
    ['bytes', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000'],
    ['a header without a name', 'GET / HTTP/1.1\r\nHost: localhost\r\n: value'],
    ['a space in a header name', 'GET / HTTP/1.1\r\nHost: localhost\r\nX A: 1'],
    ['no host', 'GET / HTTP/1.1'],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: localhost\r\nhost: localhost'],
    ['two lengths', 'POST /read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2'],
    [
      'a length and chunks',
      'POST /read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked',
    ],
    ['a negative length', 'POST /read HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1'],
    ['an unknown encoding', 'POST /read HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: x'],
  ])('is a 400: %s', async (_, head) => {
    const { url, lines } = await serveWith({});
    expect((await raw(url, head)).status).toBe(400);
    expect((await raw(url, 'GET / HTTP/1.1\r\nHost: localhost')).body).toBe('hello');
    expect(lines.filter(({ level }) => level !== 'debug')).toEqual([]);
  });

  test('is a 400 after a good one, too', async () => {
    const { url } = await serveWith({});
    const socket = await send(url, hello);
    expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1.1 200 /);
    socket.write('BROKEN\r\n\r\n');
    expect(await statusOf(socket)).toBe(400);
  });
});

test('HTTP/1.0 without a host is served, and its connection closed', async () => {
  const { url } = await serveWith({});
  const text = await received(await send(url, 'GET / HTTP/1.0\r\n\r\n'));
  expect(text).toMatch(/^HTTP\/1.1 200 /);
  expect(text.toLowerCase()).toContain('connection: close');
  expect(text).toContain('hello');
});

test('a thousand pipelined requests are answered in order', async () => {
  let running = 0;
  const { url } = await serve((app) => {
    app.get('/:number', async (c) => {
      requestContext(c).onTeardown(() => void running--);
      running++;
      await nextTurn();
      return c.text(`<${c.req.param('number')}>`);
    });
  });
  const count = 1000;
  const text = Array.from({ length: count }, (_, at) => {
    const end = at === count - 1 ? 'Connection: close\r\n' : '';
    return `GET /${at} HTTP/1.1\r\nHost: localhost\r\n${end}\r\n`;
  }).join('');
  const numbers = Array.from((await received(await send(url, text))).matchAll(/<(\d+)>/g), ([, at]) => Number(at));
  expect(numbers).toEqual(Array.from({ length: count }, (_, at) => at));
  expect(running).toBe(0);
});

test('a client that pipelines without end starts only a bounded number of requests at once', async () => {
  const open = new Deferred();
  let running = 0;
  let most = 0;
  let all = 0;
  const { url } = await serve((app) => {
    app.get('/', async (c) => {
      requestContext(c).onTeardown(() => void running--);
      most = Math.max(most, ++running);
      all++;
      await open.promise;
      return c.body(null);
    });
  });
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).resume();
  const count = 10_000;
  socket.write(hello.repeat(count - 1));
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  let before = -1;
  while (before !== all || all === 0) {
    before = all;
    await (await fetch(`${url}/other`)).text();
  }
  expect(all).toBeLessThan(5000);
  open.resolve();
  await once(socket, 'close');
  expect([all, running]).toEqual([count, 0]);
  expect(most).toBeLessThan(5000);
});

describe('the limit of connections', () => {
  /** Opens connections that send nothing. Resolves when the system has accepted all of them. */
  async function idle(url: string, count: number): Promise<Socket[]> {
    const { hostname, port } = new URL(url);
    const sockets = Array.from({ length: count }, () => connect(Number(port), hostname).on('error', () => {}));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    return sockets;
  }

  test('refuses further ones cleanly, and serves those that are open', async () => {
    let refused = 0;
    const { url } = await serve((app) => app.get('/', (c) => c.text('hello')), undefined, {
      limits: { ...usual, maxConnections: 10 },
      onRefusedConnection: () => refused++,
    });
    const open = await idle(url, 10);
    const [further] = await idle(url, 1);
    expect(await received(further!)).toBe('');
    expect(refused).toBe(1);
    open[0]!.write(hello.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    expect(await received(open[0]!)).toContain('hello');
    expect((await raw(url, 'GET / HTTP/1.1\r\nHost: localhost')).body).toBe('hello');
  });

  test('5,000 idle connections do not keep others from being served, and are closed', { timeout: 60_000 }, async () => {
    const { url, server } = await serveWith({ headersTimeout: 3000 });
    const closed: Array<Promise<string>> = [];
    const ask = async (): Promise<string> => (await raw(url, 'GET / HTTP/1.1\r\nHost: localhost')).body;
    for (let batch = 0; batch < 20; batch++) {
      closed.push(...(await idle(url, 250)).map((socket) => received(socket)));
      // The system completes only as many connections in advance as its queue holds.
      expect(await ask()).toBe('hello');
    }
    const texts = await Promise.all(closed);
    expect(texts).toHaveLength(5000);
    expect(texts.filter((text) => !text.startsWith('HTTP/1.1 408 '))).toEqual([]);
    expect(await ask()).toBe('hello');
    await server.close();
  });
});
