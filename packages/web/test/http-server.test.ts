import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Agent, request, type IncomingMessage } from 'node:http';
import { Deferred } from '@asphalt/test-support';

import { describe, expect, onTestFinished, test } from 'vitest';

import { send } from './raw-request.ts';
import { get, serve } from './serve.ts';

test('leaves the global Request and Response as they are', async () => {
  const before = [globalThis.Request, globalThis.Response];
  const { url } = await serve((app) => app.get('/', (c) => c.text('hello')));
  expect(await (await fetch(url)).text()).toBe('hello');
  expect([globalThis.Request, globalThis.Response]).toEqual(before);
  expect(globalThis.Response.toString()).toBe(before[1]?.toString());
});

test('a port that is taken is refused with the error of the system', async () => {
  const first = await serve(() => {});
  const second = await serve(() => {});
  const port = Number(new URL(first.url).port);
  const { HttpServer } = await import('../src/server/http-server.ts');
  const third = new HttpServer(second.app.fetch, { hostname: '127.0.0.1' });
  await expect(third.listen('127.0.0.1', port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

describe('closing', () => {
  test('does not wait for a connection that never asked for anything', async () => {
    const { url, server } = await serve(() => {});
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    // The response to a later connection shows that the server has seen the first.
    await fetch(url);
    const closed = once(socket, 'close');
    socket.resume();
    await server.close();
    await closed;
  });

  test('does not wait for a connection that is only kept alive', async () => {
    const { url, server } = await serve((app) => app.get('/', (c) => c.text('hello')));
    const agent = new Agent({ keepAlive: true });
    const outgoing = request(url, { agent }).end();
    const [response] = await once(outgoing, 'response');
    response.resume();
    await once(response, 'end');
    await server.close();
    agent.destroy();
  });

  test('waits for the pending response, and then closes its connection', async () => {
    const slow = new Deferred();
    const entered = new Deferred();
    const { url, server } = await serve((app) => {
      app.get('/', async (c) => {
        entered.resolve();
        await slow.promise;
        return c.text('in time');
      });
    });
    const agent = new Agent({ keepAlive: true });
    const outgoing = request(url, { agent }).end();
    const received = once(outgoing, 'response');
    await entered.promise;
    const closed = server.close();
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    slow.resolve();
    const [response] = await received;
    expect((await response.toArray()).join('')).toBe('in time');
    await closed;
    agent.destroy();
  });

  test('waits for all pending responses of one connection', async () => {
    const slow = new Deferred();
    const entered = new Deferred();
    const { url, server } = await serve((app) => {
      app.get('/slow', async (c) => {
        entered.resolve();
        await slow.promise;
        return c.text('first');
      });
      app.get('/fast', (c) => c.text('second'));
    });
    const { port } = new URL(url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(['/slow', '/fast'].map((path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join(''));
    await entered.promise;
    const closed = server.close();
    slow.resolve();
    const received = Buffer.concat(await socket.toArray()).toString();
    expect(received.match(/first|second/g)).toEqual(['first', 'second']);
    await closed;
  });

  test.each([{}, { connection: 'keep-alive', 'keep-alive': 'timeout=5' }, { Connection: 'Keep-Alive' }])(
    'announces the end of a connection, so that its client sends the next request on another one: %j',
    async (headers: Record<string, string>) => {
      const slow = new Deferred();
      const entered = new Deferred();
      const { url, server } = await serve((app) => {
        app.get('/slow', async (c) => {
          entered.resolve();
          await slow.promise;
          // As in a response that comes from another server.
          return c.text('in time', 200, headers);
        });
        app.post('/fast', (c) => c.text('fast'));
      });
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const pending = once(request(`${url}/slow`, { agent }).end(), 'response');
      await entered.promise;
      const closed = server.close();
      // Waits in the client for its only connection.
      const next = request(`${url}/fast`, { agent, method: 'POST' }).end('body');
      const failed = once(next, 'error');
      slow.resolve();
      const [response] = await pending;
      expect(response.headers).toMatchObject({ connection: 'close' });
      expect(response.headers).not.toHaveProperty('keep-alive');
      expect((await response.toArray()).join('')).toBe('in time');
      expect((await failed)[0]).toMatchObject({ code: 'ECONNREFUSED' });
      expect(next.reusedSocket).toBe(false);
      await closed;
    },
  );

  test('announces the end in the last of several responses only', async () => {
    const slow = new Deferred();
    const entered = new Deferred();
    const second = new Deferred();
    const { url, server } = await serve((app) => {
      app.get('/slow', async (c) => {
        entered.resolve();
        await slow.promise;
        return c.text('first');
      });
      app.get('/fast', (c) => {
        second.resolve();
        return c.text('second');
      });
    });
    const socket = await send(url, 'GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await entered.promise;
    const closed = server.close();
    socket.write('GET /fast HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await second.promise;
    slow.resolve();
    const received = Buffer.concat(await socket.toArray()).toString();
    expect(received.match(/connection: close|first|second/gi)?.map((text) => text.toLowerCase())).toEqual([
      'first',
      'connection: close',
      'second',
    ]);
    await closed;
  });

  test('does not serve a request that arrives after the last response of its connection has started', async () => {
    const rest = new Deferred();
    const entered = new Deferred();
    const go = new Deferred();
    const served: string[] = [];
    const { url, server } = await serve((app) => {
      app.get('/slow', async (c) => {
        entered.resolve();
        await go.promise;
        const source = new ReadableStream({
          async start(controller) {
            controller.enqueue('start,');
            await rest.promise;
            controller.enqueue('end');
            controller.close();
          },
        });
        return c.body(source.pipeThrough(new TextEncoderStream()));
      });
      app.post('/order', (c) => {
        served.push(c.req.path);
        return c.text('ordered');
      });
    });
    const arrived = new Deferred();
    const onRequest = (message: unknown): void => {
      if ((message as { request: IncomingMessage }).request.url === '/order') arrived.resolve();
    };
    subscribe('http.server.request.start', onRequest);
    onTestFinished(() => void unsubscribe('http.server.request.start', onRequest));
    const socket = await send(url, 'GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await entered.promise;
    const closed = server.close();
    go.resolve();
    let received = String((await once(socket, 'data'))[0]);
    expect(received.toLowerCase()).toContain('connection: close');
    socket.on('data', (data) => (received += String(data)));
    socket.write('POST /order HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n');
    await arrived.promise;
    rest.resolve();
    await once(socket, 'close');
    expect(received).toContain('end');
    expect(served).toEqual([]);
    await closed;
  });

  test('destroy breaks off pending responses', async () => {
    const { url, server } = await serve((app) => {
      app.get('/', (c) => c.body(new ReadableStream({ pull: () => new Promise(() => {}) })));
    });
    const { response } = await get(url);
    const broken = once(response, 'error');
    response.resume();
    const closed = server.close();
    server.destroy();
    await closed;
    expect((await broken)[0]).toMatchObject({ code: 'ECONNRESET' });
  });
});
