import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/**
 * Opens and closes connections and event streams, and counts their objects that remain in memory. Each context holds 100 KB,
 * so that the heap is full long before the end if one kind of object keeps its context.
 */
const script = `
  import { once } from 'node:events';
  import { request } from 'node:http';
  import { Context, Signal, silentLogger } from '@asphalt/core';
  import { WebSocket } from 'ws';
  import { Requests } from './src/request/requests.ts';
  import { HttpServer } from './src/server/http-server.ts';
  import { eventsOf } from './src/sockets/events-of.ts';
  import { webSocket } from './src/sockets/web-socket.ts';
  import { WebApp } from './src/web-app.ts';

  const root = new Context('app');
  const requests = new Requests(root, silentLogger, 4000);
  const app = new WebApp(requests, silentLogger);
  const signal = new Signal();
  const left = { connections: [], messages: [], streams: [] };
  class Large { bytes = new Array(12_800).fill(0); }
  app.use('/events', async (c, next) => {
    await next();
    left.streams.push(new WeakRef(c));
  });
  app.get('/events', eventsOf(signal));
  app.get('/socket', webSocket({
    open(socket) {
      socket.context.addResource(Large, new Large());
      left.connections.push(new WeakRef(socket), new WeakRef(socket.context));
    },
    message(data, socket, context) {
      left.messages.push(new WeakRef(context));
      return socket.send(data);
    },
  }));
  const server = new HttpServer(app.fetch, { hostname: '127.0.0.1' });
  const address = '127.0.0.1:' + (await server.listen('127.0.0.1', 0));

  async function connect(number) {
    const socket = new WebSocket('ws://' + address + '/socket');
    await once(socket, 'open');
    socket.send('hello');
    await once(socket, 'message');
    if (number % 3 === 0) socket.terminate();
    else socket.close();
    await once(socket, 'close');
  }
  async function listen() {
    const outgoing = request('http://' + address + '/events', { agent: false }).end();
    const [response] = await once(outgoing, 'response');
    response.on('error', () => {});
    signal.dispatch('event');
    await once(response, 'data');
    outgoing.destroy();
    await once(outgoing, 'close');
  }
  for (let round = 0; round < 50; round++) {
    await Promise.all(Array.from({ length: 20 }, (_, number) => connect(number)));
    await Promise.all(Array.from({ length: 4 }, listen));
  }
  // The server learns of the last clients' end.
  while (signal.observed) await new Promise((resolve) => setImmediate(resolve));
  await requests.stop();
  for (let round = 0; round < 10; round++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    gc();
  }
  const alive = Object.entries(left).map(([what, refs]) => [what, [refs.length, refs.filter((ref) => ref.deref() !== undefined).length]]);
  console.log(JSON.stringify({ ...Object.fromEntries(alive), listeners: process.eventNames().length }));
  await server.close();
  await root.close();
`;

test('1,000 closed connections and their contexts are garbage-collected', { timeout: 60_000 }, async () => {
  const flags = [
    '--max-old-space-size=100',
    '--expose-gc',
    '--conditions=source',
    '--import',
    import.meta.resolve('tsx'),
    '--input-type=module',
    '-e',
    script,
  ];
  const web = fileURLToPath(new URL('..', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: web });
  expect(JSON.parse(stdout)).toMatchObject({ connections: [2000, 0], messages: [1000, 0], streams: [200, 0] });
});

test('the library `ws` is loaded with the first connection', { timeout: 60_000 }, async () => {
  const script = `
    import { createRequire } from 'node:module';
    await import('@asphalt/web');
    await import('@asphalt/web/sockets');
    console.log(Object.keys(createRequire(import.meta.url).cache).filter((file) => /[\\\\/]ws[\\\\/]lib[\\\\/]/.test(file)).length);
  `;
  const flags = ['--conditions=source', '--import', import.meta.resolve('tsx'), '--input-type=module', '-e', script];
  const web = fileURLToPath(new URL('..', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: web });
  expect(stdout.trim()).toBe('0');
});
