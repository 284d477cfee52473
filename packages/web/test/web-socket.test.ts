import { once } from 'node:events';
import { Context } from '@asphalt/core';
import { Deferred } from '@asphalt/test-support';
import { HTTPException } from 'hono/http-exception';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { requestContext } from '../src/request/request-scope.ts';
import { webSocket } from '../src/sockets/web-socket.ts';
import { serve } from './serve.ts';

interface Client {
  readonly socket: WebSocket;
  /** The received messages. */
  readonly messages: string[];
  /** Resolves with the code and the reason. */
  readonly closed: Promise<readonly [number, string]>;
}

async function connect(url: string, options: object = {}): Promise<Client> {
  const socket = new WebSocket(url.replace('http', 'ws'), options);
  onTestFinished(() => socket.terminate());
  const messages: string[] = [];
  socket.on('message', (data: Buffer) => messages.push(data.toString()));
  const closed = once(socket, 'close').then(([code, reason]) => [code as number, String(reason)] as const);
  await once(socket, 'open');
  return { socket, messages, closed };
}

test('a connection has a context that lasts until it closes, and each message has a child of it', async () => {
  const ends: string[] = [];
  const ended = new Deferred();
  const { url, root } = await serve((app) => {
    app.get(
      '/echo',
      webSocket({
        open: (socket, c) => {
          expect(socket.context).toBe(requestContext(c));
          socket.context.onTeardown((error) => {
            ends.push(`connection ${error}`);
            ended.resolve();
          });
        },
        message: (data, socket, context) => {
          expect(context.parent).toBe(socket.context);
          context.onTeardown((error) => void ends.push(`${data} ${error}`));
          return socket.send(data);
        },
        close: (_, { code }) => void ends.push(`close ${code}`),
      }),
    );
  });
  const { socket, messages } = await connect(`${url}/echo`);
  socket.send('one');
  socket.send('two');
  while (messages.length < 2) await once(socket, 'message');
  socket.close(1000);
  await ended.promise;
  expect(messages).toEqual(['one', 'two']);
  expect(ends).toEqual(['one undefined', 'two undefined', 'close 1000', 'connection undefined']);
  await root.close();
});

test('middleware can refuse a connection with an ordinary response', async () => {
  const { url } = await serve((app) => {
    app.use('/private/*', () => {
      throw new HTTPException(401, { message: 'log in first' });
    });
    app.get('/private/chat', webSocket({}));
  });
  const socket = new WebSocket(`${url.replace('http', 'ws')}/private/chat`);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, import('node:http').IncomingMessage];
  expect(response.statusCode).toBe(401);
  expect((await response.toArray()).join('')).toBe('log in first');
});

test('at a stop, a client receives 1001 after the running message was handled', async () => {
  const entered = new Deferred();
  const proceed = new Deferred();
  const { url, requests, server } = await serve(
    (app) =>
      app.get(
        '/',
        webSocket({
          message: async (data, socket) => {
            entered.resolve();
            await proceed.promise;
            await socket.send(`${data} done`);
          },
        }),
      ),
    new Context('app'),
  );
  const idle = await connect(url);
  const busy = await connect(url);
  busy.socket.send('work');
  await entered.promise;
  const stopped = Promise.all([server.close(), requests.stop()]);
  expect(await idle.closed).toEqual([1001, '']);
  expect(busy.socket.readyState).toBe(WebSocket.OPEN);
  proceed.resolve();
  expect(await busy.closed).toEqual([1001, '']);
  expect(busy.messages).toEqual(['work done']);
  await stopped;
});
