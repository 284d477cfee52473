import { Response as UndiciResponse } from 'undici';
import { describe, expect, test } from 'vitest';
import { requestContext } from '../src/request/request-scope.ts';
import type { WebApp } from '../src/web-app.ts';
import { serve } from './serve.ts';

/** As ponyfills of fetch write it: nothing is inherited from the classes of the platform. */
class PonyfillHeaders {
  readonly #entries: ReadonlyArray<readonly [string, string]>;
  headersInit = 'private to the ponyfill';

  constructor(entries: Readonly<Record<string, string>>) {
    this.#entries = Object.entries(entries);
  }

  get(name: string): string | null {
    return this.#entries.find(([key]) => key === name)?.[1] ?? null;
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  *[Symbol.iterator](): Generator<readonly [string, string]> {
    yield* this.#entries;
  }
}

class PonyfillResponse {
  readonly status = 201;
  readonly statusText = 'Created';
  readonly ok = true;
  readonly body: ReadableStream<Uint8Array>;

  constructor(
    text: string,
    readonly headers: PonyfillHeaders,
  ) {
    this.body = new Blob([text]).stream();
  }
}

const headers = { 'content-type': 'application/graphql', 'x-kind': 'foreign' };

describe.each<[name: string, create: () => unknown]>([
  ['undici', () => new UndiciResponse('hello', { status: 201, headers })],
  ['a ponyfill', () => new PonyfillResponse('hello', new PonyfillHeaders(headers))],
])('a Response of %s', (_, create) => {
  test.each<[name: string, add: (app: WebApp) => unknown]>([
    ['without a context', (app) => app.get('/', () => create() as Response)],
    [
      'with a context',
      (app) =>
        app.get('/', (c) => {
          requestContext(c);
          return create() as Response;
        }),
    ],
    ['from an async handler', (app) => app.get('/', async () => create() as Response)],
    ['behind middleware', (app) => app.use((__, next) => next()).get('/', () => create() as Response)],
  ])('keeps its status, headers and body %s', async (__, add) => {
    const { url } = await serve(add);
    const response = await fetch(url);
    expect([response.status, response.headers.get('content-type'), response.headers.get('x-kind')]).toEqual([
      201,
      'application/graphql',
      'foreign',
    ]);
    expect(response.headers.has('headersinit')).toBe(false);
    expect(await response.text()).toBe('hello');
  });
});

describe('a handler that returns no Response is reported', () => {
  test.each<[what: string, value: unknown]>([
    ['text', 'hello'],
    ['an object without a body', { status: 200, headers: new Headers() }],
    ['data', { page: 1 }],
    ['a number', 7],
  ])('%s', async (_, value) => {
    const { url, lines } = await serve((app) => {
      app.get('/sync', (() => value) as never);
      app.get('/async', (async () => value) as never);
      app.use('/behind', (__, next) => next()).get('/behind', (() => value) as never);
    });
    for (const path of ['/sync', '/async', '/behind']) {
      const response = await fetch(url + path);
      expect([response.status, await response.text()]).toEqual([500, 'Internal Server Error']);
    }
    expect(lines.map(({ error }) => (error as { code: string }).code)).toEqual(Array(3).fill('ERR_WEB_NO_ANSWER'));
  });
});

test('Response.error() is a 500, and its context closes with an error', async () => {
  const ends: unknown[] = [];
  const { url } = await serve((app) =>
    app.get('/', (c) => {
      requestContext(c).onTeardown((error) => void ends.push(error instanceof Error));
      return Response.error();
    }),
  );
  expect([(await fetch(url)).status, ends]).toEqual([500, [true]]);
});
