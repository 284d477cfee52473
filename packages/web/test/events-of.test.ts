import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Signal } from '@asphalt/core';
import { Deferred } from '@asphalt/test-support';
import type { ErrorHandler, Handler } from 'hono';
import { map, of, Subject, throwError } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { requestContext } from '../src/request/request-scope.ts';
import type { EventsOptions } from '../src/sockets/event-options.ts';
import { eventsOf } from '../src/sockets/events-of.ts';
import { eventText } from '../src/sockets/server-sent-event.ts';
import { get, serve, type Served } from './serve.ts';

interface Change {
  readonly id: number;
  readonly page: string;
}

async function open(
  options?: EventsOptions<Change>,
  signal = new Signal<Change>(),
): Promise<Served & { readonly signal: Signal<Change>; readonly path: string }> {
  const served = await serve((app) => app.get('/changes', eventsOf(signal, options)));
  return { ...served, signal, path: `${served.url}/changes` };
}

/** Reads events as text. */
class Reader {
  readonly #response: IncomingMessage;
  #text = '';

  constructor(response: IncomingMessage) {
    this.#response = response.setEncoding('utf8');
    response.on('data', (text: string) => (this.#text += text));
  }

  static async open(url: string): Promise<Reader> {
    return new Reader((await get(url)).response);
  }

  async next(): Promise<string> {
    while (!this.#text.includes('\n\n')) await once(this.#response, 'data');
    const end = this.#text.indexOf('\n\n') + 2;
    const event = this.#text.slice(0, end);
    this.#text = this.#text.slice(end);
    return event;
  }
}

const change = (id: number, page = '/'): Change => ({ id, page });

test('the events of a signal are sent as JSON, to every client', async () => {
  const { signal, path } = await open();
  const [first, second] = [await Reader.open(path), await Reader.open(path)];
  signal.dispatch(change(1, '/ü'));
  signal.dispatch(change(2));
  for (const reader of [first, second]) {
    expect(await reader.next()).toBe('data: {"id":1,"page":"/ü"}\n\n');
    expect(await reader.next()).toBe('data: {"id":2,"page":"/"}\n\n');
  }
});

test('an event can have a name, an id and other data', async () => {
  const { signal, path } = await open({
    event: ({ page }) => `page ${page}`,
    id: ({ id }) => id,
    data: ({ page }) => `first\nsecond ${page}`,
    retryMs: 1500,
  });
  const reader = await Reader.open(path);
  expect(await reader.next()).toBe('retry: 1500\n\n');
  signal.dispatch(change(7, '/news'));
  expect(await reader.next()).toBe('event: page /news\ndata: first\ndata: second /news\nid: 7\n\n');
});

test('events that wait are sent in one chunk', async () => {
  const { signal, path } = await open({ data: ({ id }) => String(id) });
  const { response } = await get(path);
  for (const id of [1, 2, 3]) signal.dispatch(change(id));
  const [chunk] = (await once(response, 'data')) as [Buffer];
  expect(chunk.toString()).toBe('data: 1\n\ndata: 2\n\ndata: 3\n\n');
});

test('the response can be neither stored, compressed nor delayed by a proxy', async () => {
  const { path } = await open();
  const { response } = await get(path);
  expect(response.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=UTF-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  });
});

test('a function selects the source of a request', async () => {
  const signal = new Signal<Change>();
  const { url } = await serve((app) => {
    app.get(
      '/pages/:page',
      eventsOf((c) => signal.pipe(map(({ id }) => `${c.req.param('page')} ${id}`)), { data: (text) => text }),
    );
  });
  const reader = await Reader.open(`${url}/pages/news`);
  signal.dispatch(change(3));
  expect(await reader.next()).toBe('data: news 3\n\n');
});

test('a stream has a context, which closes when the client leaves; then nothing is subscribed', async () => {
  const signal = new Signal<Change>();
  const ended = new Deferred<unknown>();
  const { url, root } = await serve((app) => {
    app.use((c, next) => {
      requestContext(c).onTeardown((error) => ended.resolve(error));
      return next();
    });
    app.get('/changes', eventsOf(signal));
  });
  const { outgoing, response } = await get(`${url}/changes`);
  response.on('error', () => {});
  expect(signal.observed).toBe(true);
  outgoing.destroy();
  expect(await ended.promise).toBeUndefined();
  await nextTurn();
  expect(signal.observed).toBe(false);
  await root.close();
});

test('streams end at once when the server stops', async () => {
  const { signal, path, requests, server, root } = await open();
  const { response } = await get(path);
  signal.dispatch(change(1));
  await once(response, 'data');
  await Promise.all([server.close(), requests.stop(), response.resume().toArray()]);
  expect(response.complete).toBe(true);
  expect(signal.observed).toBe(false);
  await root.close();
});

test('a stream ends with its source', async () => {
  const { url } = await serve((app) => app.get('/', eventsOf(of('a', 'b'))));
  expect(await (await fetch(url)).text()).toBe('data: "a"\n\ndata: "b"\n\n');
});

test('an event without a value has empty data', async () => {
  const { url } = await serve((app) => app.get('/', eventsOf(of(undefined))));
  expect(await (await fetch(url)).text()).toBe('data: \n\n');
});

test('a comment is sent in quiet times', async () => {
  const { signal, path } = await open({ heartbeatMs: 10 });
  const reader = await Reader.open(path);
  expect([await reader.next(), await reader.next()]).toEqual([': still here\n\n', ': still here\n\n']);
  signal.dispatch(change(1));
  let text = '';
  while (text === '' || text.startsWith(':')) text = await reader.next();
  expect(text).toBe('data: {"id":1,"page":"/"}\n\n');
});

describe('a reconnecting client', () => {
  async function reconnect(path: string, lastEventId: string): Promise<Reader> {
    const { request } = await import('node:http');
    const outgoing = request(path, { agent: false, headers: { 'last-event-id': lastEventId } }).end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return new Reader(response);
  }

  test('receives the events that it missed, then live events once', async () => {
    const signal = new Signal<Change>();
    const history = [change(1), change(2), change(3)];
    const { path } = await open(
      {
        id: ({ id }) => id,
        async *replay(lastEventId) {
          for (const missed of history.slice(Number(lastEventId))) {
            // The event is recorded during the replay, and dispatched.
            if (missed.id === 3) signal.dispatch(missed);
            yield missed;
            await nextTurn();
          }
          signal.dispatch(change(4));
        },
      },
      signal,
    );
    const reader = await reconnect(path, '1');
    const ids = [];
    for (let count = 0; count < 3; count++) ids.push(/id: (\d+)/.exec(await reader.next())?.[1]);
    signal.dispatch(change(3));
    ids.push(/id: (\d+)/.exec(await reader.next())?.[1]);
    expect(ids).toEqual(['2', '3', '4', '3']);
  });

  test('can also be a new one, whose request determines the missed events', async () => {
    const seen: unknown[] = [];
    const { url } = await serve((app) => {
      app.get(
        '/',
        eventsOf(of('live'), {
          replay: (lastEventId, c) => {
            seen.push([lastEventId, c.req.query('after')]);
            return ['state'];
          },
        }),
      );
    });
    expect(await (await fetch(`${url}?after=5`)).text()).toBe('data: "state"\n\ndata: "live"\n\n');
    expect(seen).toEqual([[undefined, '5']]);
  });
});

describe('a client that is slower than the source', () => {
  const numbers = (count: number): Change[] => Array.from({ length: count }, (_, index) => change(index + 1));

  async function received(
    options: EventsOptions<Change>,
  ): Promise<{ ids: number[]; warnings: string[]; ended: boolean }> {
    const { signal, path, lines, server } = await open({ ...options, capacity: 3, id: ({ id }) => id });
    const { response } = await get(path);
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    for (const each of numbers(10)) signal.dispatch(each);
    signal.dispatch(change(11, 'last'));
    let ended = false;
    response.once('end', () => (ended = true));
    while (!ended && !text.includes('last')) await nextTurn();
    void server;
    const ids = Array.from(text.matchAll(/id: (\d+)/g), ([, id]) => Number(id));
    return { ids, ended, warnings: lines.map(({ level, message }) => `${level}: ${message}`) };
  }

  test('is disconnected by default, after the waiting events', async () => {
    expect(await received({})).toEqual({
      ids: [1, 2, 3, 4],
      ended: true,
      warnings: ['warn: GET /changes was disconnected: its client is 3 events behind'],
    });
  });

  test('misses old events, or all but the last, if the route drops them', async () => {
    expect(await received({ overflow: 'drop-oldest' })).toEqual({ ids: [1, 9, 10, 11], ended: false, warnings: [] });
    expect(await received({ overflow: 'latest' })).toEqual({ ids: [1, 11], ended: false, warnings: [] });
  });

  test('never delays the source, also if it reads nothing, and is cut off', async () => {
    const signal = new Signal<Change>();
    const ended = new Deferred<unknown>();
    const { url, lines } = await serve(
      (app) => {
        app.use((c, next) => {
          requestContext(c).onTeardown((error) => ended.resolve(error));
          return next();
        });
        app.get('/changes', eventsOf(signal, { capacity: 10_000 }));
      },
      undefined,
      { stallMs: 50 },
    );
    const { response } = await get(`${url}/changes`);
    response.pause().on('error', () => {});
    const large = change(1, 'x'.repeat(100_000));
    let isEnded = false;
    const cutOff = ended.promise.then((error) => {
      isEnded = true;
      return error;
    });
    while (!isEnded) {
      signal.dispatch(large);
      await nextTurn();
    }
    expect(await cutOff).toMatchObject({ code: 'ERR_WEB_CLIENT_STALLED' });
    expect(signal.observed).toBe(false);
    expect(lines.map(({ level }) => level)).toEqual(['warn']);
  });
});

describe('a stream that fails', () => {
  /** Serves a stream, and returns its response and the error of its context. */
  async function failing(
    handler: Handler,
    use = async (response: IncomingMessage): Promise<unknown> => response.resume().toArray(),
  ): Promise<{ status: number | undefined; isComplete: boolean; error: unknown; lines: string[] }> {
    const ended = new Deferred<unknown>();
    const { url, lines } = await serve((app) => {
      app.use((c, next) => {
        requestContext(c).onTeardown((error) => ended.resolve(error));
        return next();
      });
      app.get('/', handler);
    });
    const { response } = await get(url);
    await use(response);
    return {
      status: response.statusCode,
      isComplete: response.complete,
      error: await ended.promise,
      lines: lines.map(({ message, error }) => `${message}: ${String(error)}`),
    };
  }

  const broken = (): never => {
    throw new Error('broken');
  };

  test.each([
    ['in its source', eventsOf(throwError(() => new Error('broken')))],
    ['in the replay', eventsOf(new Signal<string>(), { replay: broken })],
    ['in the data of an event', eventsOf(of('a'), { data: broken })],
  ])('%s before its first event is a 500, and its context closes with the error', async (_, handler) => {
    const { status, error, lines } = await failing(handler);
    expect(status).toBe(500);
    expect(error).toMatchObject({ message: 'broken' });
    expect(lines).toEqual(['GET / failed: Error: broken']);
  });

  test('later is broken off, and its context closes with the error', async () => {
    const source = new Subject<string>();
    const failed = failing(eventsOf(source), async (response) => {
      source.next('first');
      await once(response, 'data');
      source.error(new Error('broken'));
      await once(response, 'error');
    });
    const { status, isComplete, error, lines } = await failed;
    expect([status, isComplete]).toEqual([200, false]);
    expect(error).toMatchObject({ message: 'broken' });
    expect(lines).toEqual(['GET / failed: Error: broken']);
  });

  test('in the function that selects its source receives an ordinary response', async () => {
    const { url } = await serve((app) => {
      app.get(
        '/',
        eventsOf<string>(() => {
          throw new Error('no such room');
        }),
      );
      const handler: ErrorHandler = (error, c) => c.text(error.message, 404);
      app.onError(handler);
    });
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([404, 'no such room']);
  });
});

test('lines of data are separated as browsers read them, and names and ids are one line', () => {
  expect(eventText('a\r\nb\rc\n', undefined, undefined)).toBe('data: a\ndata: b\ndata: c\ndata: \n\n');
  expect(() => eventText('', 'a\nb', undefined)).toThrow('The name of an event must be one line, got "a\\nb"');
  expect(() => eventText('', undefined, 'a\0')).toThrow('The id of an event must be one line');
});

test.each([{ capacity: 0 }, { heartbeatMs: Number.NaN }] satisfies EventsOptions<Change>[])(
  'the options %o cannot work',
  (options) => {
    expect(() => eventsOf(new Signal<Change>(), options)).toThrow(/^eventsOf\(\) needs a \w+ of at least 1, got/);
  },
);
