import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Deferred, type LogLine } from '@asphalt/test-support';
import { expect, test } from 'vitest';
import { requestContext } from '../src/request/request-scope.ts';
import type { ServerSocket, SocketHandlers } from '../src/sockets/server-socket.ts';
import { webSocket } from '../src/sockets/web-socket.ts';
import { serve, type Served } from './serve.ts';
import { connect, type Client } from './socket-client.ts';

/** Serves one route with these handlers, and connects a client. */
async function open(
  handlers: SocketHandlers,
  options?: Parameters<typeof webSocket>[1],
): Promise<Served & { client: Client }> {
  const served = await serve((app) => app.get('/socket', webSocket(handlers, options)));
  return { ...served, client: await connect(`${served.url}/socket`) };
}

function problems(lines: readonly LogLine[]): string[] {
  return lines.map(({ level, message, error }) => `${level}: ${message}: ${String(error)}`);
}

test('a connection has a context that lasts until it closes, and each message has a child of it', async () => {
  const ends: string[] = [];
  const { client, requests, root } = await open({
    open: (socket, c) => {
      expect(socket.context).toBe(requestContext(c));
      expect(socket.context.getResourceSync(Request).url).toMatch(/\/socket$/);
      socket.context.onTeardown((error) => void ends.push(`connection ${String(error)}`));
    },
    message: (data, socket, context) => {
      expect(context.parent).toBe(socket.context);
      context.onTeardown((error) => void ends.push(`${String(data)} ${String(error)}`));
      return socket.send(data);
    },
    close: (_, { code, reason }) => void ends.push(`close ${code} ${reason}`),
  });
  client.socket.send('one');
  client.socket.send('two');
  expect([await client.next(), await client.next()]).toEqual(['one', 'two']);
  client.socket.close(4000, 'bye');
  expect(await client.closed).toEqual([4000, 'bye']);
  await requests.stop();
  expect(ends).toEqual(['one undefined', 'two undefined', 'close 4000 bye', 'connection undefined']);
  await root.close();
});

test('a function creates the handlers of each connection', async () => {
  const { url } = await serve((app) =>
    app.get(
      '/count/:step',
      webSocket((c) => {
        let count = 0;
        return { message: (_, socket) => socket.send(String((count += Number(c.req.param('step'))))) };
      }),
    ),
  );
  const [two, five] = [await connect(`${url}/count/2`), await connect(`${url}/count/5`)];
  for (const { socket } of [two, two, five]) socket.send('next');
  expect([await two.next(), await two.next(), await five.next()]).toEqual(['2', '4', '5']);
});

test('messages wait until the connection was opened, and are handled one after the other', async () => {
  const steps: string[] = [];
  const opened = new Deferred();
  const { client } = await open({
    open: async () => {
      await opened.promise;
      steps.push('opened');
    },
    message: async (data, socket, context) => {
      steps.push(`start ${String(data)}`);
      context.onTeardown(() => nextTurn().then(() => steps.push(`end ${String(data)}`)));
      await nextTurn();
      if (data === 'b') await socket.send('done');
    },
  });
  client.socket.send('a');
  client.socket.send('b');
  client.socket.ping();
  await once(client.socket, 'pong');
  expect(steps).toEqual([]);
  opened.resolve();
  await client.next();
  expect(steps).toEqual(['opened', 'start a', 'end a', 'start b']);
});

test('several messages are handled at the same time if the route allows it', async () => {
  const gate = new Deferred();
  let running = 0;
  const { client } = await open(
    {
      message: async (_, socket) => {
        running += 1;
        if (running === 3) gate.resolve();
        await gate.promise;
        await socket.send(String(running));
      },
    },
    { concurrency: 3 },
  );
  for (let count = 0; count < 3; count++) client.socket.send('');
  expect(await client.next()).toBe('3');
});

test('text arrives as text, and bytes as bytes', async () => {
  const { client } = await open({ message: (data, socket) => socket.send(data) });
  client.socket.send('grüß');
  const [text, isTextBinary] = (await once(client.socket, 'message')) as [Buffer, boolean];
  expect([text.toString(), isTextBinary]).toEqual(['grüß', false]);
  client.socket.send(new Uint8Array([0, 255]));
  const [bytes, isBinary] = (await once(client.socket, 'message')) as [Buffer, boolean];
  expect([[...bytes], isBinary]).toEqual([[0, 255], true]);
});

test('an error of a message reaches its context, is logged once, and closes the connection with 1011', async () => {
  const ends: unknown[] = [];
  const failure = new Error('no such room');
  const { client, lines, requests } = await open({
    open: (socket) => socket.context.onTeardown((error) => ends.push(error)),
    message: (_, __, context) => {
      context.onTeardown((error) => ends.push(error));
      throw failure;
    },
  });
  client.socket.send('first');
  client.socket.send('dropped');
  expect(await client.closed).toEqual([1011, '']);
  await requests.stop();
  expect(ends).toEqual([failure, undefined]);
  expect(problems(lines)).toEqual(['error: GET /socket failed: Error: no such room']);
});

test('a context of a message that fails to close is an error of the message', async () => {
  const { client, lines } = await open({
    message: (_, __, context) => {
      context.onTeardown(() => {
        throw new Error('cannot commit');
      });
    },
  });
  client.socket.send('');
  expect((await client.closed)[0]).toBe(1011);
  expect(lines.map(({ error }) => String(error))).toEqual([expect.stringContaining('1 failure')]);
});

test('an error handler decides whether the connection stays open', async () => {
  const { client, lines } = await open({
    message: (data) => {
      throw new Error(`cannot handle ${String(data)}`);
    },
    error: (error, socket) => {
      if (!String(error).includes('this')) throw error;
      void socket.send(`sorry: ${(error as Error).message}`);
    },
  });
  client.socket.send('this');
  expect(await client.next()).toBe('sorry: cannot handle this');
  expect(lines).toEqual([]);
  client.socket.send('that');
  expect((await client.closed)[0]).toBe(1011);
  expect(problems(lines)).toEqual(['error: GET /socket failed: Error: cannot handle that']);
});

test.each(['open', 'close'] as const)('an error of the handler `%s` is logged', async (name) => {
  const { client, lines, requests } = await open({
    [name]: () => {
      throw new Error('broken');
    },
  });
  if (name === 'close') client.socket.close();
  expect((await client.closed)[0]).toBe(name === 'open' ? 1011 : 1005);
  await requests.stop();
  expect(problems(lines)).toEqual(['error: GET /socket failed: Error: broken']);
});

test('a message to a route without a handler for messages closes the connection with 1003', async () => {
  const { client } = await open({});
  client.socket.send('hello');
  expect(await client.closed).toEqual([1003, 'This server expects no messages']);
});

test('the server closes a connection with a code and a reason, after the messages that it sent before', async () => {
  const ends: unknown[] = [];
  const { client, requests } = await open({
    message: async (_, socket) => {
      void socket.send('last');
      socket.close(4001, 'full');
      expect(socket.closing.aborted).toBe(true);
      expect(await socket.send('too late')).toBe(false);
    },
    close: (_, end) => void ends.push(end),
  });
  client.socket.send('');
  expect(await client.next()).toBe('last');
  expect(await client.closed).toEqual([4001, 'full']);
  await requests.stop();
  expect(ends).toEqual([{ code: 4001, reason: 'full' }]);
});

test('received messages are handled also if the client has closed the connection', async () => {
  const proceed = new Deferred();
  const handled: string[] = [];
  let closing: AbortSignal | undefined;
  const { client, requests } = await open({
    message: async (data, socket, context) => {
      closing ??= socket.closing;
      await proceed.promise;
      handled.push(`${String(data)} ${context.abort.aborted}`);
    },
  });
  client.socket.send('save');
  client.socket.send('save more');
  client.socket.close();
  await client.closed;
  expect(closing?.aborted).toBe(true);
  proceed.resolve();
  await requests.stop();
  expect(handled).toEqual(['save false', 'save more false']);
});

test('the loss of a connection cancels its context and the signal of its request, and drops waiting messages', async () => {
  const lost = new Deferred<ServerSocket>();
  const ends: unknown[] = [];
  const { client, requests, lines } = await open({
    message: async (data, socket, context) => {
      expect(data).toBe('first');
      client.socket.terminate();
      await once(context.abort, 'abort');
      expect(socket.context.getResourceSync(Request).signal.aborted).toBe(true);
      lost.resolve(socket);
      throw context.abort.reason;
    },
    close: (_, { code }) => void ends.push(code),
  });
  client.socket.send('first');
  client.socket.send('second');
  expect(await (await lost.promise).send('too late')).toBe(false);
  await requests.stop();
  expect(ends).toEqual([1006]);
  expect(problems(lines)).toEqual([
    'debug: GET /socket failed: AbortError: The client of GET /socket left before the response was complete',
  ]);
});

test('a handler can subscribe to `closing` as often as it wants', async () => {
  const warnings: unknown[] = [];
  const warn = (warning: unknown): void => void warnings.push(warning);
  process.on('warning', warn);
  const { client } = await open({
    open: (socket) => {
      for (let count = 0; count < 50; count++) socket.closing.addEventListener('abort', () => {});
      return socket.send('opened');
    },
  });
  await client.next();
  await nextTurn();
  process.off('warning', warn);
  expect(warnings).toEqual([]);
});
