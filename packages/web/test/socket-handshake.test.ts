import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Deferred } from '@asphalt/test-support';
import { setCookie } from 'hono/cookie';
import { HTTPException } from 'hono/http-exception';
import { describe, expect, onTestFinished, test } from 'vitest';
import { requestContext } from '../src/request/request-scope.ts';
import { SocketOriginError, SocketServerError } from '../src/sockets/errors.ts';
import type { SocketOptions } from '../src/sockets/server-socket.ts';
import { webSocket } from '../src/sockets/web-socket.ts';
import { raw, send } from './raw-request.ts';
import { serve } from './serve.ts';
import { connect, refusal } from './socket-client.ts';

const echo = webSocket({ message: (data, socket) => socket.send(data) });

const handshake = [
  'GET /socket HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** Bytes that let the server close the connection. */
const notAFrame = 'no frame';

function without(name: string): string {
  return handshake.filter((line) => !line.startsWith(name)).join('\r\n');
}

async function received(socket: Socket): Promise<string> {
  return (await socket.setEncoding('latin1').toArray()).join('');
}

describe('a connection is refused with an ordinary response', () => {
  test('by middleware, before the route runs', async () => {
    let hasRun = false;
    const { url, root } = await serve((app) => {
      app.get(
        '/private/socket',
        webSocket(() => {
          hasRun = true;
          return {};
        }),
      );
      app.use('/private/*', (c) => {
        requestContext(c);
        throw new HTTPException(401, { message: 'log in first' });
      });
    });
    const { status, headers, body } = await refusal(`${url}/private/socket`);
    expect([status, body, headers.connection, hasRun]).toEqual([401, 'log in first', 'close', false]);
    await root.close();
  });

  test('by middleware, after the route ran', async () => {
    const { url, root } = await serve((app) => {
      app.use(async (c, next) => {
        await next();
        c.res = c.text('quota exceeded', 429);
      });
      app.get('/socket', echo);
    });
    expect(await refusal(`${url}/socket`)).toMatchObject({ status: 429, body: 'quota exceeded' });
    await root.close();
  });

  test('by the function that creates the handlers', async () => {
    const { url, root, lines } = await serve((app) => {
      app.get(
        '/:room',
        webSocket((c) => {
          if (c.req.param('room') === 'broken') throw new Error('no database');
          return c.json({ error: 'no such room' }, 404);
        }),
      );
    });
    expect(await refusal(`${url}/lobby`)).toMatchObject({ status: 404, body: '{"error":"no such room"}' });
    expect(await refusal(`${url}/broken`)).toMatchObject({ status: 500, body: 'Internal Server Error' });
    expect(lines.map(({ message }) => message)).toEqual(['GET /broken failed']);
    await root.close();
  });

  test('if no route matches, or the route sends a page', async () => {
    const { url } = await serve((app) => app.get('/', (c) => c.text('a page')));
    expect(await refusal(`${url}/nowhere`)).toMatchObject({ status: 404 });
    expect(await refusal(url)).toMatchObject({ status: 200, body: 'a page', headers: { connection: 'close' } });
  });

  test('if the host is not accepted', async () => {
    const { url } = await serve((app) => app.get('/socket', echo));
    expect(await refusal(`${url}/socket`, [], { headers: { host: 'evil.example' } })).toMatchObject({ status: 421 });
  });

  test('if the server stops while middleware runs', async () => {
    const entered = new Deferred();
    const proceed = new Deferred();
    const { url, requests, server, root } = await serve((app) => {
      app.use(async (_, next) => {
        entered.resolve();
        await proceed.promise;
        await next();
      });
      app.get('/socket', echo);
    });
    const refused = refusal(`${url}/socket`);
    await entered.promise;
    const stopped = Promise.all([server.close(), requests.stop()]);
    proceed.resolve();
    expect(await refused).toMatchObject({ status: 503 });
    await stopped;
    await root.close();
  });
});

describe('a page of another origin is refused, because its browser sends the cookies of the user', () => {
  async function statusOf(origin: string | undefined, options: SocketOptions = {}): Promise<number> {
    const { url } = await serve((app) => app.get('/socket', webSocket({}, options)));
    const lines = origin === undefined ? [] : [`Origin: ${origin.replace('SELF', new URL(url).host)}`];
    const [first = '', , ...rest] = handshake;
    const head = [first, `Host: ${new URL(url).host}`, ...rest, ...lines].join('\r\n');
    return (await raw(url, head, notAFrame)).status;
  }

  test.each([
    [undefined, 101],
    ['http://SELF', 101],
    // A proxy accepts TLS.
    ['https://SELF', 101],
    ['https://evil.example', 403],
    ['http://localhost', 403],
    ['null', 403],
    ['http://SELF@evil.example', 403],
  ])('by default, %s is answered with %s', async (origin, status) => {
    expect(await statusOf(origin)).toBe(status);
  });

  test('unless the route lists it, or accepts all', async () => {
    const origins = ['https://app.example'];
    expect(await statusOf('https://app.example', { origins })).toBe(101);
    expect(await statusOf('http://SELF', { origins })).toBe(101);
    expect(await statusOf('https://app.example.evil.example', { origins })).toBe(403);
    expect(await statusOf('null', { origins: '*' })).toBe(101);
  });

  test('the error handler receives the origin, and the log shows the first one', async () => {
    const causes: unknown[] = [];
    const { url, lines } = await serve((app) => {
      app.get('/socket', echo);
      app.onError((error, c) => {
        causes.push(error.cause);
        return c.text('no', 403);
      });
    });
    for (const origin of ['http://one.example', 'http://two.example']) {
      expect(await refusal(`${url}/socket`, [], { origin })).toMatchObject({ status: 403, body: 'no' });
    }
    expect(causes).toEqual([expect.any(SocketOriginError), expect.objectContaining({ origin: 'http://two.example' })]);
    expect(lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'warn: Refused the WebSocket /socket for a page of another origin: http://one.example',
    ]);
  });
});

test('the response to the handshake has the headers of middleware, except those that frame a body', async () => {
  const { url } = await serve((app) => {
    app.use(async (c, next) => {
      setCookie(c, 'a', '1');
      setCookie(c, 'b', '2');
      await next();
      c.header('X-After', 'yes');
      c.header('Content-Length', '5');
      c.header('Sec-WebSocket-Accept', 'wrong');
    });
    app.get('/socket', echo);
  });
  const upgraded = request(`${url}/socket`, {
    headers: {
      connection: 'upgrade',
      upgrade: 'WebSocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    },
  }).end();
  const [{ statusCode, headers }, socket] = (await once(upgraded, 'upgrade')) as [IncomingMessage, Socket];
  socket.destroy();
  expect(statusCode).toBe(101);
  expect(headers['set-cookie']).toEqual(['a=1; Path=/', 'b=2; Path=/']);
  expect([headers['x-after'], headers['content-length']]).toEqual(['yes', undefined]);
  expect(headers['sec-websocket-accept']).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

test('the first subprotocol of the client that the route supports is used', async () => {
  const { url } = await serve((app) => {
    app.get(
      '/socket',
      webSocket({ open: (socket) => socket.send(`[${socket.protocol}]`) }, { protocols: ['v1', 'v2'] }),
    );
  });
  const client = await connect(`${url}/socket`, ['v3', 'v2', 'v1']);
  expect([client.socket.protocol, await client.next()]).toEqual(['v2', '[v2]']);
  const old = await raw(url, `${handshake.join('\r\n')}\r\nSec-WebSocket-Protocol: v0`, notAFrame);
  expect(old.status).toBe(101);
  expect(old.head).not.toContain('sec-websocket-protocol');
});

test('messages are compressed if the route allows it', async () => {
  const { url } = await serve((app) => {
    app.get('/plain', echo);
    app.get('/compressed', webSocket({ message: (data, socket) => socket.send(data) }, { compress: true }));
  });
  const [plain, compressed] = [await connect(`${url}/plain`), await connect(`${url}/compressed`)];
  expect([plain.socket.extensions, compressed.socket.extensions]).toEqual(['', 'permessage-deflate']);
  compressed.socket.send('a'.repeat(10_000));
  expect(await compressed.next()).toBe('a'.repeat(10_000));
});

describe('malformed handshakes', () => {
  test.each([
    ['without a key', without('Sec-WebSocket-Key')],
    ['with a key that is too short', `${without('Sec-WebSocket-Key')}\r\nSec-WebSocket-Key: abc`],
    ['with an unknown version', `${without('Sec-WebSocket-Version')}\r\nSec-WebSocket-Version: 99`],
    ['with malformed subprotocols', `${handshake.join('\r\n')}\r\nSec-WebSocket-Protocol: a,,b`],
  ])('%s receive a 400', async (_, head) => {
    const { url, root, lines } = await serve((app) => app.get('/socket', echo));
    expect(await raw(url, head)).toMatchObject({ status: 400, body: 'Bad Request' });
    expect(lines).toEqual([]);
    await root.close();
  });

  test('a request that asks for no WebSocket receives a 426', async () => {
    const { url } = await serve((app) => app.get('/socket', echo));
    const response = await fetch(`${url}/socket`);
    expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket']);
    const head = await fetch(`${url}/socket`, { method: 'HEAD' });
    expect(head.status).toBe(426);
  });

  test.each(['POST /socket HTTP/1.1', 'GET /socket HTTP/1.0'])('%s is an ordinary request', async (line) => {
    const { url } = await serve((app) => app.all('/socket', (c) => c.text(`${c.req.method} as usual`)));
    const head = [line, ...handshake.slice(1)].join('\r\n');
    expect(await raw(url, head)).toMatchObject({ status: 200, body: expect.stringContaining('as usual') });
  });

  test('a connection that sends a handshake before its response has arrived is closed', async () => {
    const proceed = new Deferred();
    const { url } = await serve((app) => {
      app.get('/slow', async (c) => {
        await proceed.promise;
        return c.text('late');
      });
      app.get('/socket', echo);
    });
    const socket = await send(url, `GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n${handshake.join('\r\n')}\r\n\r\n`);
    expect(await received(socket)).toBe('');
    proceed.resolve();
  });

  test('bytes after a refused handshake do not keep the response from the client', async () => {
    const { url } = await serve((app) => app.get('/socket', (c) => c.text('refused', 403)));
    const response = await raw(url, handshake.join('\r\n'), 'x'.repeat(1_000_000));
    expect(response).toMatchObject({ status: 403, body: 'refused' });
  });

  test('a client that leaves during the handshake is forgotten', async () => {
    const entered = new Deferred();
    const proceed = new Deferred();
    const { url, root, requests, server } = await serve((app) => {
      app.use(async (c, next) => {
        requestContext(c);
        entered.resolve();
        await proceed.promise;
        await next();
      });
      app.get('/socket', echo);
    });
    const socket = await send(url, `${handshake.join('\r\n')}\r\n\r\n`);
    await entered.promise;
    socket.resetAndDestroy();
    await once(socket, 'close');
    proceed.resolve();
    await Promise.all([server.close(), requests.stop()]);
    await root.close();
  });
});

test('a request for another protocol is served as if it did not ask for one, with its body', async () => {
  const { url } = await serve((app) =>
    app.post('/', async (c) => c.text(`${await c.req.text()}, ${c.req.header('upgrade')}`)),
  );
  const socket = await send(
    url,
    'POST / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nContent-Length: 8\r\n\r\nhalf',
  );
  socket.write('full');
  socket.setEncoding('latin1');
  const [first] = (await once(socket, 'data')) as [string];
  expect(first).toMatch(/^HTTP\/1\.1 200 OK\r\n.*halffull, undefined$/s);
  socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok');
  const [second] = (await once(socket, 'data')) as [string];
  expect(second).toContain('ok, undefined');
});

test('many requests for another protocol on one connection add no listeners of the server', async () => {
  const { url } = await serve((app) => app.get('/', (c) => c.text('hello')));
  const warnings: Error[] = [];
  const onWarning = (warning: Error): unknown => warnings.push(warning);
  process.on('warning', onWarning);
  onTestFinished(() => void process.off('warning', onWarning));
  const socket = await send(url, '');
  for (let request = 0; request < 15; request++) {
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
    expect(String((await once(socket, 'data'))[0])).toContain('hello');
  }
  socket.destroy();
  expect(warnings).toEqual([]);
});

test('a WebSocket needs the server of a WebComponent', async () => {
  const { app, lines } = await serve((web) => web.get('/socket', echo));
  const response = await app.request('/socket', { headers: { upgrade: 'websocket' } });
  expect(response.status).toBe(500);
  expect(lines.map(({ error }) => error)).toEqual([expect.any(SocketServerError)]);
});

test.each([
  { maxPayload: 0 },
  { concurrency: 0 },
  { maxBuffered: Number.NaN },
  { pingMs: -1 },
] satisfies SocketOptions[])('the options %o cannot work', (options) => {
  expect(() => webSocket({}, options)).toThrow(/^webSocket\(\) needs a \w+ of at least 1, got/);
});
