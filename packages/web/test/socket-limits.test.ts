import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Deferred } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Inbox } from '../src/sockets/inbox.ts';
import type { ServerSocket, SocketEnd, SocketHandlers, SocketOptions } from '../src/sockets/server-socket.ts';
import { webSocket } from '../src/sockets/web-socket.ts';
import { send } from './raw-request.ts';
import { serve, type Served } from './serve.ts';
import { connect } from './socket-client.ts';

const handshake = [
  'GET /socket HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

async function open(
  handlers: SocketHandlers,
  options: SocketOptions = {},
): Promise<Served & { readonly opened: Promise<ServerSocket>; readonly ended: Promise<SocketEnd> }> {
  const opened = new Deferred<ServerSocket>();
  const ended = new Deferred<SocketEnd>();
  const served = await serve((app) =>
    app.get(
      '/socket',
      webSocket({ open: (it) => opened.resolve(it), close: (_, end) => ended.resolve(end), ...handlers }, options),
    ),
  );
  return { ...served, opened: opened.promise, ended: ended.promise };
}

/** Connects a client that reads nothing after the handshake. */
async function frozen(url: string): Promise<Socket> {
  const socket = await send(url, `${handshake.join('\r\n')}\r\n\r\n`);
  await once(socket, 'data');
  return socket.pause();
}

/** Sends until bytes wait in the server. */
async function fill(socket: ServerSocket, bytes: number): Promise<void> {
  while (socket.buffered < bytes) {
    void socket.send(Buffer.alloc(64_000));
    await nextTurn();
  }
}

describe('a client that reads too slowly', () => {
  test('is disconnected when its buffer is full, and logged', async () => {
    const { url, opened, ended, lines, requests } = await open({}, { maxBuffered: 100_000 });
    await frozen(url);
    const socket = await opened;
    let isAccepted = true;
    const results: Array<Promise<boolean>> = [];
    while (!socket.closing.aborted) {
      results.push(socket.send(Buffer.alloc(64_000)));
      expect(socket.buffered).toBeLessThan(200_000);
      await nextTurn();
    }
    isAccepted = await results.at(-1)!;
    expect(isAccepted).toBe(false);
    expect(await ended).toEqual({ code: 1013, reason: '' });
    await requests.stop();
    expect(lines.map(({ level, message }) => `${level}: ${message.replace(/\d+/, 'N')}`)).toEqual([
      'warn: GET /socket was disconnected: its client is N bytes behind',
    ]);
  });

  test('receives 1013 if it reads again in time', async () => {
    const { url, opened } = await open({}, { maxBuffered: 100_000 });
    const client = new WebSocket(`${url.replace('http', 'ws')}/socket`);
    await once(client, 'open');
    client.pause();
    const socket = await opened;
    while (!socket.closing.aborted) {
      void socket.send(Buffer.alloc(64_000));
      await nextTurn();
    }
    client.resume();
    expect((await once(client, 'close'))[0]).toBe(1013);
  });

  test('misses messages if the route drops them', async () => {
    const { url, opened } = await open({}, { maxBuffered: 100_000, overflow: 'drop' });
    const client = await frozen(url);
    const socket = await opened;
    await fill(socket, 50_000);
    expect(await socket.send(Buffer.alloc(100_000))).toBe(false);
    expect(socket.closing.aborted).toBe(false);
    client.resume();
    expect(await socket.send('again')).toBe(true);
  });

  test('receives a message that is larger than its buffer if nothing else waits', async () => {
    const { url, opened } = await open({}, { maxBuffered: 10 });
    const client = await connect(`${url}/socket`);
    expect(await (await opened).send('a'.repeat(1000))).toBe(true);
    expect(await client.next()).toHaveLength(1000);
  });
});

test('the server stops reading from a client whose messages are handled slowly', async () => {
  const proceed = new Deferred();
  let handled = 0;
  const { url } = await open({
    message: async () => {
      await proceed.promise;
      handled += 1;
    },
  });
  const client = await connect(`${url}/socket`);
  const message = Buffer.alloc(10_000);
  let sent = 0;
  // The buffers of the system are full once the client has to wait for many turns.
  for (let waited = 0; waited < 50; waited = client.socket.bufferedAmount > 0 ? waited + 1 : 0) {
    client.socket.send(message);
    sent += 1;
    await nextTurn();
  }
  expect(client.socket.bufferedAmount).toBeGreaterThan(0);
  proceed.resolve();
  client.socket.close();
  await client.closed;
  while (handled < sent) await nextTurn();
  expect(handled).toBe(sent);
});

test('the inbox is full above a number of messages or bytes, and empty again after they were handled', async () => {
  const changes: boolean[] = [];
  const gates: Deferred[] = [];
  const inbox = new Inbox<string>({
    handle: async () => {
      const gate = new Deferred();
      gates.push(gate);
      await gate.promise;
    },
    concurrency: 1,
    onFull: (isFull) => changes.push(isFull),
  });
  for (let count = 0; count < 17; count++) inbox.add('small', 1);
  expect(changes).toEqual([true]);
  inbox.open();
  expect(changes).toEqual([true, false]);
  inbox.add('large', 100_000);
  expect(changes).toEqual([true, false, true]);
  inbox.clear();
  expect(changes).toEqual([true, false, true, false]);
  gates[0]!.resolve();
  await inbox.idle();
  expect(gates).toHaveLength(1);
});

describe('messages that exceed a limit', () => {
  test('close the connection with 1009 above the limit of the route', async () => {
    const { url, lines } = await open({ message: () => {} }, { maxPayload: 10 });
    const client = await connect(`${url}/socket`);
    client.socket.send('a'.repeat(11));
    expect((await client.closed)[0]).toBe(1009);
    expect(lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'debug: GET /socket received a malformed message',
    ]);
  });

  test('close the connection with 1009 above the limit of request bodies by default', async () => {
    const { url } = await serve((app) => app.get('/socket', webSocket({ message: () => {} })), undefined, {
      bodyLimit: 100,
    });
    const client = await connect(`${url}/socket`);
    client.socket.send('a'.repeat(101));
    expect((await client.closed)[0]).toBe(1009);
  });

  test.each([
    ['text that is no UTF-8', [0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]],
    ['a frame without a mask', [0x81, 0x01, 0x61]],
    ['a reserved opcode', [0x83, 0x80, 0, 0, 0, 0]],
  ])('%s closes the connection', async (_, bytes) => {
    const { url, ended, lines, requests } = await open({ message: () => {} });
    const socket = await send(url, `${handshake.join('\r\n')}\r\n\r\n`);
    await once(socket, 'data');
    socket.write(Buffer.from(bytes));
    socket.resume();
    await once(socket, 'close');
    expect(await ended).toMatchObject({ code: 1006 });
    await requests.stop();
    expect(lines.map(({ level }) => level)).toEqual(['debug']);
  });
});

describe('pings', () => {
  test('break off a connection whose client does not respond', async () => {
    const { url, ended } = await open({}, { pingMs: 100 });
    await frozen(url);
    expect(await ended).toEqual({ code: 1006, reason: '' });
  });

  test('keep a connection whose client responds', async () => {
    const { url, opened } = await open({}, { pingMs: 100 });
    const client = await connect(`${url}/socket`);
    for (let count = 0; count < 3; count++) await once(client.socket, 'ping');
    expect((await opened).closing.aborted).toBe(false);
  });

  test('keep a connection that reads nothing because its handler is slow', async () => {
    const proceed = new Deferred();
    const { url, opened } = await open({ message: () => proceed.promise }, { pingMs: 100 });
    const client = await connect(`${url}/socket`);
    for (let count = 0; count < 30; count++) client.socket.send('');
    for (let count = 0; count < 3; count++) await once(client.socket, 'ping');
    expect((await opened).closing.aborted).toBe(false);
    proceed.resolve();
  });

  test('keep a connection whose client sends a large message slowly', async () => {
    const { url, opened } = await open(
      { message: (data, socket) => socket.send(`${data.length} bytes`) },
      { pingMs: 100 },
    );
    const client = await send(url, `${handshake.join('\r\n')}\r\n\r\n`);
    await opened;
    client.write(Buffer.from([0x82, 0xfe, 0, 200, 0, 0, 0, 0]));
    let received = '';
    client.setEncoding('latin1').on('data', (text: string) => (received += text));
    for (let count = 0; count < 200; count++) {
      client.write('a');
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    while (!received.includes('200 bytes')) await nextTurn();
  });
});
