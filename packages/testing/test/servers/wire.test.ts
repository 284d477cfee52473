import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Wire } from '@asphalt/testing/servers';
import { settled } from '@asphalt/test-support';
import { expect, onTestFinished, test, vi } from 'vitest';

/** Starts a server that returns each byte, and a wire to it. */
async function echoThroughWire(): Promise<{ wire: Wire; received: () => string; peers: Set<Socket> }> {
  let received = '';
  const peers = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    peers.add(socket.on('error', () => undefined).on('close', () => peers.delete(socket)));
    socket.on('data', (bytes: Buffer) => (received += bytes.toString())).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const wire = await Wire.open({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  onTestFinished(async () => {
    await wire.close();
    server.close();
  });
  return { wire, received: () => received, peers };
}

async function client(wire: Wire): Promise<Socket> {
  const socket = connect({ host: wire.host, port: wire.port, allowHalfOpen: true, noDelay: true });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

async function reply(socket: Socket, request: string): Promise<string> {
  socket.write(request);
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  return bytes.toString();
}

/** Returns the error code with which a socket closes; `closed` without an error. */
async function end(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? '')).on('close', () => resolve('closed'));
    socket.resume();
  });
}

async function refusal(wire: Wire): Promise<string> {
  return end(connect({ host: wire.host, port: wire.port }));
}

test('a wire forwards bytes in both directions, and each half of a connection ends alone', async () => {
  const { wire } = await echoThroughWire();
  const socket = await client(wire);
  expect(await reply(socket, 'hello')).toBe('hello');
  expect(wire.connections).toBe(1);
  socket.end('x'.repeat(3_000_000));
  expect(await text(socket)).toHaveLength(3_000_000);
  await vi.waitUntil(() => wire.connections === 0);
});

test('a wire that waits for a slow reader leaves no listeners behind', async () => {
  const { wire } = await echoThroughWire();
  const warnings: string[] = [];
  const warn = ({ message }: Error): void => void warnings.push(message);
  process.on('warning', warn);
  onTestFinished(() => void process.off('warning', warn));
  const socket = await client(wire);
  const sent = 60_000_000;
  socket.end('x'.repeat(sent));
  let received = 0;
  for await (const bytes of socket) {
    received += (bytes as Buffer).length;
    await nextTurn();
  }
  expect(received).toBe(sent);
  await vi.waitUntil(() => wire.connections === 0);
  expect(warnings).toEqual([]);
});

test('through() replaces the host and the port of a URL and keeps the rest', async () => {
  const { wire } = await echoThroughWire();
  expect(wire.through('redis://ada:hunter2@example.org/3?a=b')).toBe(
    `redis://ada:hunter2@127.0.0.1:${wire.port}/3?a=b`,
  );
});

test('cut() resets open connections, and clients can connect again', async () => {
  const { wire, peers } = await echoThroughWire();
  const socket = await client(wire);
  await reply(socket, 'a');
  const ended = end(socket);
  wire.cut();
  expect(await ended).toBe('ECONNRESET');
  await vi.waitUntil(() => peers.size === 0);
  expect(await reply(await client(wire), 'b')).toBe('b');
});

test('a black hole accepts connections and bytes, and restore() delivers them', async () => {
  const { wire, received } = await echoThroughWire();
  const early = await client(wire);
  await reply(early, 'a');
  wire.blackHole();
  wire.blackHole();
  const late = await client(wire);
  const replies = [reply(early, 'b'), reply(late, 'c')];
  await settled();
  expect(received()).toBe('a');
  await wire.restore();
  expect(await Promise.all(replies)).toEqual(['b', 'c']);
});

test('bytes that a delay holds back stay in a black hole', async () => {
  const { wire, received } = await echoThroughWire();
  const socket = await client(wire);
  await reply(socket, 'a');
  fakeTimers();
  wire.delay(20);
  socket.write('b');
  await vi.waitUntil(() => vi.getTimerCount() > 0, { interval: 0 });
  wire.blackHole();
  await vi.advanceTimersByTimeAsync(20);
  await settled();
  expect(received()).toBe('a');
  wire.delay(0);
  const answer = once(socket, 'data');
  wire.flow();
  expect(String(await answer)).toBe('b');
});

test('a delay keeps the order of the bytes, and delays of several packets overlap', async () => {
  const { wire, received } = await echoThroughWire();
  const socket = await client(wire);
  await reply(socket, '0');
  fakeTimers();
  wire.delay(1000);
  for (const digit of '123456789') {
    socket.write(digit);
    await settled();
  }
  await vi.advanceTimersByTimeAsync(999);
  await settled();
  expect(received()).toBe('0');
  await vi.advanceTimersByTimeAsync(1);
  await settled();
  expect(received()).toBe('0123456789');
});

function fakeTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
}

test.each([-1, NaN, 2 ** 31])('a delay of %s ms is rejected', async (ms) => {
  const { wire } = await echoThroughWire();
  expect(() => wire.delay(ms)).toThrow(RangeError);
});

test('refuse() keeps open connections and refuses new ones until restore()', async () => {
  const { wire } = await echoThroughWire();
  const socket = await client(wire);
  await reply(socket, 'a');
  wire.refuse();
  expect(await refusal(wire)).toBe('ECONNREFUSED');
  expect(await reply(socket, 'b')).toBe('b');
  await wire.restore();
  expect(await reply(await client(wire), 'c')).toBe('c');
});

test('restore() waits until another program releases the port', async () => {
  const { wire } = await echoThroughWire();
  wire.refuse();
  const other = createServer().listen(wire.port, wire.host);
  await once(other, 'listening');
  const restored = wire.restore();
  await settled();
  other.close();
  await restored;
  expect(await reply(await client(wire), 'a')).toBe('a');
});

test.each(['COMMIT', /commit/i, /\bcommit/gi])(
  'cutAfter(%s) lets the server receive the pattern and loses its reply',
  async (pattern) => {
    const { wire, received } = await echoThroughWire();
    const socket = await client(wire);
    const bystander = await client(wire);
    await reply(bystander, 'x');
    const cut = wire.cutAfter(pattern);
    expect(await reply(socket, 'insert; COM')).toBe('insert; COM');
    const ended = end(socket);
    socket.write('MIT');
    expect(await ended).toBe('ECONNRESET');
    await cut;
    expect(received()).toBe('xinsert; COMMIT');
    expect(await reply(bystander, 'COMMIT')).toBe('COMMIT');
  },
);

test('restore() cancels a cut whose pattern no client has sent', async () => {
  const { wire } = await echoThroughWire();
  const socket = await client(wire);
  const cut = wire.cutAfter('COMMIT');
  await wire.restore();
  await cut;
  expect(await reply(socket, 'COMMIT')).toBe('COMMIT');
});

test.each([0, 1, 2, 3])('close() resolves %i turns after the server has ended its connection', async (turns) => {
  const { wire, peers } = await echoThroughWire();
  const socket = await client(wire);
  await reply(socket, 'a');
  for (const peer of peers) peer.end();
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
  await wire.close();
  expect(wire.connections).toBe(0);
});

test('a client whose server refuses connections is reset', async () => {
  const { wire } = await echoThroughWire();
  const gone = await Wire.open({ host: '127.0.0.1', port: wire.port });
  wire.refuse();
  const socket = await client(gone);
  expect(await end(socket)).toBe('ECONNRESET');
  await gone.close();
});

test('close() resolves when all connections are closed, even in a black hole', async () => {
  const { wire } = await echoThroughWire();
  const socket = await client(wire);
  await reply(socket, 'a');
  wire.blackHole();
  const ended = end(socket);
  await wire.close();
  expect(wire.connections).toBe(0);
  expect(await ended).toBe('ECONNRESET');
  expect(await refusal(wire)).toBe('ECONNREFUSED');
});
