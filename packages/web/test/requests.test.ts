import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { Context } from '@asphalt/core';
import { Deferred } from '@asphalt/test-support';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { stream, streamSSE } from 'hono/streaming';
import { trimTrailingSlash } from 'hono/trailing-slash';
import { describe, expect, test } from 'vitest';

import { RequestCutOffError } from '../src/errors.ts';
import { requestContext } from '../src/request/request-scope.ts';
import type { WebApp } from '../src/web-app.ts';
import { get, serve } from './serve.ts';

/** What ended a context, once it is closed. */
function endOf(context: Context): Promise<{ error: unknown }> {
  return new Promise((resolve) => context.onTeardown((error) => resolve({ error })));
}

/** A stream whose parts the test sends. */
function manual(): {
  body: ReadableStream<Uint8Array>;
  send(part: string | Buffer): void;
  end(): void;
  fail(error: Error): void;
} {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start: (it) => {
      controller = it;
    },
  });
  return {
    body,
    send: (part) => controller.enqueue(Buffer.from(part)),
    end: () => controller.close(),
    fail: (error) => controller.error(error),
  };
}

describe('the context of a request', () => {
  test('is named after it, and carries the request', async () => {
    const { url } = await serve((app) => {
      app.get('/pages/:id', async (c) => {
        const request = await requestContext(c).getResource(Request);
        return c.json({
          context: requestContext(c).name,
          sent: request.headers.get('x-sent'),
          same: request === c.req.raw,
        });
      });
    });
    const response = await fetch(`${url}/pages/7?full=1`, { headers: { 'x-sent': 'yes' } });
    expect(await response.json()).toEqual({ context: 'GET /pages/7', sent: 'yes', same: true });
  });

  test('is cancelled when the client leaves before the response is complete', async () => {
    const entered = new Deferred();
    const aborted = new Deferred<unknown>();
    const { url } = await serve((app) => {
      app.get('/slow', async (c) => {
        const { abort } = requestContext(c);
        entered.resolve();
        await once(abort, 'abort');
        aborted.resolve(abort.reason);
        return c.text('too late');
      });
    });
    const leaving = new AbortController();
    const pending = fetch(`${url}/slow`, { signal: leaving.signal });
    await entered.promise;
    leaving.abort();
    await expect(pending).rejects.toThrow('aborted');
    expect(await aborted.promise).toMatchObject({
      name: 'AbortError',
      message: 'The client of GET /slow left before the response was complete',
    });
  });

  test('is not cancelled when the client has received the whole response', async () => {
    let context!: Context;
    const { url } = await serve((app) => {
      app.get('/', (c) => {
        context = requestContext(c);
        context.onTeardown(nextTurn);
        return c.text('done');
      });
    });
    await (await fetch(url, { headers: { connection: 'close' } })).text();
    expect(context.abort.reason).toMatchObject({ message: 'Context "GET /" is closing' });
  });

  test('is another one for each of two requests at the same time', async () => {
    const contexts: Context[] = [];
    const both = new Deferred();
    const { url } = await serve((app) => {
      app.get('/', async (c) => {
        if (contexts.push(requestContext(c)) === 2) both.resolve();
        await both.promise;
        return c.text(requestContext(c).state);
      });
    });
    const responses = await Promise.all([fetch(url), fetch(url)]);
    expect(await Promise.all(responses.map((response) => response.text()))).toEqual(['open', 'open']);
    expect(contexts[0]).not.toBe(contexts[1]);
    expect(contexts.map(({ state }) => state)).toEqual(['closed', 'closed']);
  });

  test('gets a value of its own from each factory', async () => {
    class Visit {}
    const root = new Context('app');
    root.addResourceFactory(Visit, () => new Visit());
    const visits: Visit[] = [];
    const { url } = await serve((app) => {
      app.get('/', async (c) => {
        visits.push(await requestContext(c).getResource(Visit));
        return c.json(visits.at(-1) === (await requestContext(c).getResource(Visit)));
      });
    }, root);
    expect(await (await fetch(url)).json()).toBe(true);
    expect(await (await fetch(url)).json()).toBe(true);
    expect(visits[0]).not.toBe(visits[1]);
  });

  test('is closed when no route matches, too', async () => {
    let context: Context | undefined;
    const { url } = await serve((app) => {
      app.notFound((c) => {
        context = requestContext(c);
        return c.text('nothing here', 404);
      });
    });
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
    expect(context?.state).toBe('closed');
  });
});

describe('a complete response', () => {
  test('is sent after the context was closed', async () => {
    const commit = new Deferred();
    let answered = false;
    const { url } = await serve((app) => {
      app.get('/', (c) => {
        requestContext(c).onTeardown(() => commit.promise);
        return c.text('saved', 201, { 'x-kind': 'whole' });
      });
    });
    const pending = fetch(url).then((response) => {
      answered = true;
      return response;
    });
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    expect(answered).toBe(false);
    commit.resolve();
    const response = await pending;
    expect([response.status, response.headers.get('x-kind'), response.headers.get('content-length')]).toEqual([
      201,
      'whole',
      '5',
    ]);
    expect(await response.text()).toBe('saved');
  });

  test('is a 500 when the teardown fails, with nothing of the first response', async () => {
    const { url, lines } = await serve((app) => {
      app.get('/', (c) => {
        requestContext(c).onTeardown(() => Promise.reject(new Error('the disk is full')));
        return new Response('saved', { headers: { 'x-kind': 'whole', 'set-cookie': 'a=1' } });
      });
    });
    const response = await fetch(url);
    expect(response.status).toBe(500);
    expect(response.headers.get('x-kind')).toBeNull();
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(await response.text()).toBe('Internal Server Error');
    expect(lines).toMatchObject([{ level: 'error', message: 'GET / failed', error: { code: 'ERR_TEARDOWN' } }]);
  });

  test('keeps every cookie', async () => {
    const { url } = await serve((app) => {
      app.get('/', (c) => {
        c.header('set-cookie', 'a=1', { append: true });
        c.header('set-cookie', 'b=2', { append: true });
        return c.text('baked');
      });
    });
    expect((await fetch(url)).headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  test('ends the context well, whatever its status is', async () => {
    const ends: unknown[] = [];
    const { url } = await serve((app) => {
      app.get('/', (c) => {
        requestContext(c).onTeardown((error) => void ends.push(error));
        return c.text('try later', 503);
      });
    });
    expect((await fetch(url)).status).toBe(503);
    expect(ends).toEqual([undefined]);
  });
});

describe('a handler that throws', () => {
  test('ends the context with its error, and the response is a 500 without details', async () => {
    const failure = new Error('secret table missing');
    const ends: unknown[] = [];
    const { url, lines } = await serve((app) => {
      app.post('/pages', (c) => {
        requestContext(c).onTeardown((error) => void ends.push(error));
        throw failure;
      });
    });
    const response = await fetch(`${url}/pages`, { method: 'POST', body: 'x' });
    expect([response.status, await response.text()]).toEqual([500, 'Internal Server Error']);
    expect(ends).toEqual([failure]);
    expect(lines).toEqual([{ level: 'error', message: 'POST /pages failed', error: failure }]);
  });

  test('may choose the response by an HTTPException, which still undoes its work', async () => {
    const ends: unknown[] = [];
    const { url, lines } = await serve((app) => {
      app.get('/', (c) => {
        requestContext(c).onTeardown((error) => void ends.push(error));
        throw new HTTPException(409, { message: 'already there' });
      });
    });
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([409, 'already there']);
    expect(ends).toMatchObject([{ status: 409 }]);
    expect(lines).toEqual([]);
  });

  test('leaves the response to the onError of the application, as a failing teardown does', async () => {
    const { url } = await serve((app) => {
      app.onError((error, c) => c.json({ problem: error.name }, 500));
      app.get('/handler', () => {
        throw new RangeError('too far');
      });
      app.get('/teardown', (c) => {
        requestContext(c).onTeardown(() => Promise.reject(new Error('the disk is full')));
        return c.text('saved');
      });
    });
    expect(await (await fetch(`${url}/handler`)).json()).toEqual({ problem: 'RangeError' });
    expect(await (await fetch(`${url}/teardown`)).json()).toEqual({ problem: 'TeardownError' });
  });

  test('keeps its response when the teardown fails as well; both are logged', async () => {
    const { url, lines } = await serve((app) => {
      app.get('/', (c) => {
        requestContext(c).onTeardown(() => Promise.reject(new Error('rollback failed')));
        throw new HTTPException(404, { message: 'no such page' });
      });
    });
    expect((await fetch(url)).status).toBe(404);
    expect(lines).toMatchObject([{ level: 'error', message: 'GET / failed', error: { code: 'ERR_TEARDOWN' } }]);
  });

  test('may throw a value that is no Error', async () => {
    const { url, lines } = await serve((app) => {
      app.get('/', () => {
        throw 'a string';
      });
    });
    expect((await fetch(url)).status).toBe(500);
    expect(lines).toMatchObject([{ message: 'GET / failed', error: { cause: 'a string' } }]);
  });

  test('has a response without the headers that middleware set before', async () => {
    const ends: unknown[] = [];
    const { url } = await serve((app) => {
      app.use(async (c, next) => {
        requestContext(c).onTeardown((error) => void ends.push(error));
        await next();
        c.res.headers.set('x-kind', 'never sent');
        throw 'a string';
      });
      app.get('/', (c) => c.text('saved'));
    });
    const response = await fetch(url);
    expect([response.status, response.headers.get('x-kind')]).toEqual([500, null]);
    expect(ends).toMatchObject([{ cause: 'a string' }]);
  });
});

test('a handler without a response is reported', async () => {
  const { url, lines } = await serve((app) => {
    app.get('/forgotten', (() => {}) as never);
  });
  expect((await fetch(`${url}/forgotten`)).status).toBe(500);
  expect((lines[0]!.error as Error).message).toMatchInlineSnapshot(`
    "The handler of GET /forgotten returned no response
      help         return one from the handler: return c.text('done')
                   or await next() in the middleware
      code         ERR_WEB_NO_ANSWER"
  `);
});

test.each<[name: string, add: (app: WebApp) => void]>([
  ['an async handler', (app) => app.get('/', (async () => {}) as never)],
  ['a handler behind middleware', (app) => app.use((_, next) => next()).get('/', (() => {}) as never)],
  ['middleware that forgets next', (app) => app.use(async () => {}).get('/', (c) => c.text('hello'))],
  [
    'middleware that does not wait for next',
    (app) => app.use(((_: unknown, next: () => unknown) => void next()) as never),
  ],
  ['a notFound', (app) => app.notFound((() => {}) as never)],
  [
    'a handler of an application with an onError',
    (app) => {
      const part = new Hono().onError((_, c) => c.text('not called', 500));
      app.route('/', part.get('/', (async () => {}) as never));
    },
  ],
])('%s without an response is reported', async (_, add) => {
  const { url, lines } = await serve(add);
  expect((await fetch(url)).status).toBe(500);
  expect(lines).toMatchObject([{ message: 'GET / failed', error: { code: 'ERR_WEB_NO_ANSWER' } }]);
});

describe('a streamed response', () => {
  test('keeps its context open until the last byte', async () => {
    const source = manual();
    let context!: Context;
    const { url } = await serve((app) => {
      app.get('/', (c) => {
        context = requestContext(c);
        return c.body(source.body);
      });
    });
    const pending = fetch(url);
    while ((context as Context | undefined) === undefined) await nextTurn();
    await nextTurn();
    source.send('one ');
    const response = await pending;
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect(await reader.read()).toEqual({ done: false, value: 'one ' });
    expect(context.state).toBe('open');
    source.send('two');
    expect(await reader.read()).toEqual({ done: false, value: 'two' });
    expect(context.state).toBe('open');
    source.end();
    expect((await reader.read()).done).toBe(true);
    expect(context.state).toBe('closed');
  });

  test('sends the first part at once', async () => {
    const { url } = await serve((app) => {
      app.get('/', (c) =>
        stream(c, async (out) => {
          await out.write('head ');
          await nextTurn();
          await nextTurn();
          await out.write('tail');
        }),
      );
    });
    expect(await (await fetch(url)).text()).toBe('head tail');
  });

  test('has no end for the client when its source fails, and the context closes with the error', async () => {
    const source = manual();
    const failure = new Error('row 7 is broken');
    let end!: Promise<{ error: unknown }>;
    const { url, lines } = await serve((app) => {
      app.get('/', (c) => {
        end = endOf(requestContext(c));
        return c.body(source.body);
      });
    });
    const response = await fetch(url);
    source.fail(failure);
    await expect(response.text()).rejects.toThrow('terminated');
    expect(await end).toEqual({ error: failure });
    expect(lines).toEqual([{ level: 'error', message: 'GET / failed', error: failure }]);
  });

  test('has no end for the client when the teardown fails', async () => {
    const source = manual();
    const { url, lines } = await serve((app) => {
      app.get('/', (c) => {
        requestContext(c).onTeardown(() => Promise.reject(new Error('the disk is full')));
        return c.body(source.body);
      });
    });
    const response = await fetch(url);
    source.end();
    await expect(response.text()).rejects.toThrow('terminated');
    expect(lines).toMatchObject([{ level: 'error', message: 'GET / failed', error: { code: 'ERR_TEARDOWN' } }]);
  });

  test('ends well when the client closes it: the source is cancelled, the signal aborts, the context closes without an error', async () => {
    const aborted = new Deferred();
    let end!: Promise<{ error: unknown }>;
    let signal!: AbortSignal;
    const { url, lines } = await serve((app) => {
      app.get('/', (c) => {
        end = endOf(requestContext(c));
        signal = c.req.raw.signal;
        return streamSSE(c, async (out) => {
          out.onAbort(aborted.resolve);
          await out.writeSSE({ data: 'hello' });
          await aborted.promise;
        });
      });
    });
    const { outgoing, response } = await get(url);
    await once(response, 'data');
    outgoing.destroy();
    await aborted.promise;
    expect(await end).toEqual({ error: undefined });
    expect(signal.aborted).toBe(true);
    // The reading of the body ends after the context.
    await nextTurn();
    expect(lines).toEqual([]);
  });

  test.each(['handler', 'middleware'])('is dropped for HEAD, with the context closed: by a %s', async (by) => {
    let context!: Context;
    let isDropped = false;
    const { url } = await serve((app) => {
      if (by === 'middleware') app.use((_, next) => next());
      app.get('/', (c) => {
        context = requestContext(c);
        const source = new ReadableStream({ cancel: () => void (isDropped = true) });
        return c.body(source, 200, { 'x-kind': 'stream' });
      });
    });
    const response = await fetch(url, { method: 'HEAD' });
    expect([response.status, response.headers.get('x-kind')]).toEqual([200, 'stream']);
    expect(context.state).toBe('closed');
    expect(isDropped).toBe(true);
  });
});

test('a client that leaves before its response is ready does not fail the request', async () => {
  const started = new Deferred();
  const finish = new Deferred();
  let end!: Promise<{ error: unknown }>;
  const { url, lines } = await serve((app) => {
    app.get('/', async (c) => {
      end = endOf(requestContext(c));
      started.resolve();
      await finish.promise;
      return c.text('no client reads this');
    });
  });
  const controller = new AbortController();
  const pending = fetch(url, { signal: controller.signal });
  await started.promise;
  controller.abort();
  await expect(pending).rejects.toThrow('aborted');
  finish.resolve();
  expect(await end).toEqual({ error: undefined });
  expect(lines).toEqual([]);
});

describe('stopping', () => {
  test('ends event streams properly and closes their contexts', async () => {
    let context!: Context;
    const { url, requests, app } = await serve((web) => {
      web.get('/', (c) => {
        context = requestContext(c);
        return streamSSE(c, async (out) => {
          await out.writeSSE({ data: 'hello' });
          await new Promise<void>((resolve) => out.onAbort(resolve));
        });
      });
    });
    const response = await fetch(url);
    expect(context.state).toBe('open');
    expect(app.stopping.aborted).toBe(false);
    await requests.stop();
    expect(context.state).toBe('closed');
    expect(app.stopping.aborted).toBe(true);
    expect(await response.text()).toBe('data: hello\n\n');
  });

  test('does not wait for a client that does not read its event stream', async () => {
    // More than the system's buffers for a connection take.
    const flood = Buffer.alloc(32_000_000);
    const source = manual();
    let outgoing!: ServerResponse;
    let end!: Promise<{ error: unknown }>;
    const { url, requests, server } = await serve((app) => {
      app.get('/', (c) => {
        end = endOf(requestContext(c));
        outgoing = c.env.outgoing;
        return c.body(source.body, 200, { 'content-type': 'text/event-stream' });
      });
    });
    const { response } = await get(url);
    response.on('error', () => {});
    source.send(flood);
    while (!outgoing.writableNeedDrain) await nextTurn();
    await Promise.all([requests.stop(), server.close()]);
    expect(await end).toEqual({ error: undefined });
    expect(response.complete).toBe(false);
  });

  test('waits for other requests, and ends an event stream that starts during the stop', async () => {
    const slow = new Deferred();
    const entered = new Deferred();
    const { url, requests } = await serve((app) => {
      app.get('/', async (c) => {
        entered.resolve();
        await slow.promise;
        return streamSSE(c, () => new Promise(() => {}));
      });
    });
    const pending = fetch(url);
    await entered.promise;
    let stopped = false;
    const stopping = requests.stop().then(() => {
      stopped = true;
    });
    await nextTurn();
    expect(stopped).toBe(false);
    slow.resolve();
    await stopping;
    expect(await (await pending).text()).toBe('');
  });

  test('waits for the request whose handler stops the application', async () => {
    const slow = new Deferred();
    let stopped!: Promise<void>;
    let isStopped = false;
    const { url, requests } = await serve((app) => {
      app.get('/', (c) => {
        stopped = requests.stop().then(() => void (isStopped = true));
        return slow.promise.then(() => c.text(`stopped: ${isStopped}`));
      });
    });
    const pending = fetch(url);
    while ((stopped as Promise<void> | undefined) === undefined) await nextTurn();
    await nextTurn();
    slow.resolve();
    expect(await (await pending).text()).toBe('stopped: false');
    await stopped;
  });

  test('closes the context of a request that is cut off with an error, once', async () => {
    const slow = new Deferred();
    let end!: Promise<{ error: unknown }>;
    const entered = new Deferred();
    const { url, requests, lines } = await serve((app) => {
      app.get('/slow', async (c) => {
        end = endOf(requestContext(c));
        entered.resolve();
        await slow.promise;
        return c.text('too late');
      });
    });
    const pending = fetch(`${url}/slow`);
    await entered.promise;
    const stopped = requests.stop();
    requests.cutOff(1500);
    await stopped;
    expect((await end).error).toBeInstanceOf(RequestCutOffError);
    expect(lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'warn: GET /slow was cut off: it did not end within 1.5 s after the server started to stop',
    ]);
    slow.resolve();
    await pending;
  });
});

test('a middleware may replace the response to HEAD of a page that was not found', async () => {
  const { url } = await serve((app) => app.use(trimTrailingSlash()).get('/pages', (c) => c.text('pages')));
  for (const method of ['GET', 'HEAD']) {
    const response = await fetch(`${url}/pages/`, { method, redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([301, `${url}/pages`]);
  }
});

describe('a response to HEAD has the length of that to GET', () => {
  test.each<[what: string, addRoutes: (app: WebApp) => void]>([
    ['text', (app) => app.get('/', (c) => c.text('grüße'))],
    ['of an async handler', (app) => app.get('/', async (c) => c.json({ page: 1 }))],
    ['bytes', (app) => app.get('/', (c) => c.body(new Uint8Array(70_000), 200, { 'content-type': 'image/png' }))],
    ['behind middleware', (app) => app.use((_, next) => next()).get('/', (c) => c.html('<p>hello</p>'))],
    [
      'changed by middleware',
      (app) => {
        app.use(async (c, next) => {
          await next();
          c.res = new Response(`${await c.res.text()}, world`, c.res);
        });
        app.get('/', (c) => c.text('hello'));
      },
    ],
    ['not found', () => {}],
    ['not found, behind middleware', (app) => app.use((_, next) => next())],
    [
      'of an error',
      (app) =>
        app.get('/', () => {
          throw new HTTPException(409, { message: 'taken' });
        }),
    ],
    [
      'of an error behind middleware',
      (app) => {
        app.use((_, next) => next());
        app.get('/', () => {
          throw new HTTPException(409, { message: 'taken' });
        });
      },
    ],
    ['without a body', (app) => app.get('/', (c) => c.body(null, 204))],
    ['with a length of its own', (app) => app.get('/', (c) => c.body('hello', 200, { 'content-length': '5' }))],
  ])('%s', async (_, addRoutes) => {
    const { url } = await serve(addRoutes);
    const [got, head] = [await fetch(url), await fetch(url, { method: 'HEAD' })];
    const { length } = await got.text().then(Buffer.from);
    // fetch requests `connection: close` with HEAD.
    const headersOf = ({ headers }: Response): string[][] =>
      [...headers].filter(([name]) => !['date', 'connection', 'keep-alive'].includes(name));
    expect([head.status, headersOf(head), await head.text()]).toEqual([got.status, headersOf(got), '']);
    expect(head.headers.get('content-length')).toBe(got.status === 204 ? null : String(length));
  });
});
