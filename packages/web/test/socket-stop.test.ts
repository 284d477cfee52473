import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { Component, component, inject, provides, startApplication, type Application } from '@asphalt/core';
import { Deferred, type LogLine, recordingLogger } from '@asphalt/test-support';
import { Wire } from '@asphalt/testing/servers';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { RequestCutOffError } from '../src/errors.ts';
import { webSocket } from '../src/sockets/web-socket.ts';
import { WebApp } from '../src/web-app.ts';
import { WebComponent } from '../src/web-component.ts';
import { connect } from './socket-client.ts';

/** Counts the contexts that close, and holds the gate of the handler. */
@component({ components: { web: WebComponent } })
class Chat extends Component {
  @inject(WebApp) readonly web!: WebApp;
  readonly entered = new Deferred();
  readonly proceed = new Deferred();
  readonly ends: unknown[] = [];
  readonly codes: number[] = [];

  @provides(Chat)
  itself(): Chat {
    return this;
  }

  override start(): void {
    this.web.get(
      '/chat',
      webSocket({
        message: async (data, socket, context) => {
          context.onTeardown((error) => void this.ends.push(error));
          this.entered.resolve();
          await this.proceed.promise;
          await socket.send(`${String(data)} done`);
        },
        close: (_, { code }) => void this.codes.push(code),
      }),
    );
  }
}

async function start(web: object = {}): Promise<{ app: Application; chat: Chat; url: string; lines: LogLine[] }> {
  const { logger, lines } = recordingLogger();
  const app = await startApplication(Chat, { logger, config: { components: { web: { port: 0, ...web } } } });
  onTestFinished(() => app.stop());
  const chat = await app.context.getResource(Chat);
  return { app, chat, url: `${chat.web.url}/chat`, lines };
}

test.each(['1h', 0])('at a stop, clients receive 1001 at once, with the limit %j', async (shutdownTimeout) => {
  const { app, chat, url } = await start({ shutdownTimeout });
  const clients = await Promise.all(Array.from({ length: 20 }, () => connect(url)));
  await app.stop();
  for (const { closed } of clients) expect(await closed).toEqual([1001, '']);
  expect(chat.codes).toEqual(clients.map(() => 1001));
});

test('at a stop, the running and the received messages are handled before the client receives 1001', async () => {
  const { app, chat, url } = await start();
  const client = await connect(url);
  client.socket.send('first');
  client.socket.send('second');
  client.socket.ping();
  await Promise.all([chat.entered.promise, once(client.socket, 'pong')]);
  const stopped = app.stop();
  await once(chat.web.stopping, 'abort');
  expect(client.socket.readyState).toBe(WebSocket.OPEN);
  client.socket.send('dropped');
  chat.proceed.resolve();
  expect([await client.next(), await client.next()]).toEqual(['first done', 'second done']);
  expect(await client.closed).toEqual([1001, '']);
  await stopped;
  expect(chat.ends).toEqual([undefined, undefined]);
});

test('a message that takes too long is cut off: its work is undone, and the client receives 1001', async () => {
  const { app, chat, url, lines } = await start({ shutdownTimeout: '20ms' });
  const client = await connect(url);
  client.socket.send('work');
  await chat.entered.promise;
  await app.stop();
  expect(await client.closed).toEqual([1001, '']);
  expect(chat.ends).toMatchObject([{ code: new RequestCutOffError('GET /chat', 20).code }]);
  expect(lines.filter(({ level }) => level !== 'debug' && level !== 'info').map(({ message }) => message)).toEqual([
    'GET /chat was cut off: it did not end within 0.02 s after the server started to stop',
  ]);
  chat.proceed.resolve();
});

test('a client that does not respond to 1001 does not keep the application from stopping', async () => {
  const { app, chat, url } = await start({ shutdownTimeout: 0 });
  const { hostname, port } = new URL(url);
  const socket = connectTcp(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket.write(
    'GET /chat HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await once(socket, 'data');
  socket.pause();
  await app.stop();
  expect(chat.codes).toEqual([1001]);
});

test('a connection that a proxy cuts ends its message and its contexts', async () => {
  const { app, chat, url, lines } = await start();
  const { hostname, port } = new URL(url);
  await using wire = await Wire.open({ host: hostname, port: Number(port) });
  const client = await connect(wire.through(url));
  client.socket.send('work');
  await chat.entered.promise;
  wire.cut();
  expect((await client.closed)[0]).toBe(1006);
  chat.proceed.resolve();
  await app.stop();
  expect([chat.codes, chat.ends]).toEqual([[1006], [undefined]]);
  expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a connection through a proxy that forwards no bytes ends after the pings', async () => {
  const { logger } = recordingLogger();
  const ended = new Deferred<number>();
  @component({ components: { web: WebComponent } })
  class Pinging extends Component {
    @inject(WebApp) readonly web!: WebApp;
    override start(): void {
      this.web.get('/chat', webSocket({ close: (_, { code }) => ended.resolve(code) }, { pingMs: 100 }));
    }
  }
  const app = await startApplication(Pinging, { logger, config: { components: { web: { port: 0 } } } });
  onTestFinished(() => app.stop());
  const { url } = await app.context.getResource(WebApp);
  await using wire = await Wire.open({ host: '127.0.0.1', port: Number(new URL(url!).port) });
  await connect(wire.through(`${url}/chat`));
  wire.blackHole();
  expect(await ended.promise).toBe(1006);
});
