import { setImmediate as nextTurn } from 'node:timers/promises';
import { Component, component, inject, startApplication } from '@asphalt/core';
import fc from 'fast-check';
import { Hono, type MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LateRouteError, RouteOrderError } from '../src/errors.ts';
import { needs } from '../src/routes/needs.ts';
import type { WebEnv } from '../src/web-env.ts';
import { WebApp } from '../src/web-app.ts';
import { WebComponent } from '../src/web-component.ts';
import { serve } from './serve.ts';

const auth: MiddlewareHandler = async (c, next) => {
  if (c.req.header('authorization') === undefined) throw new HTTPException(401);
  await next();
};

const hidden: MiddlewareHandler = (...args) => auth(...args);

/** A middleware that leaves its name in the response. */
function named(name: string): MiddlewareHandler {
  return async (c, next) => {
    await next();
    c.header('x-order', name, { append: true });
  };
}

describe('a middleware protects the routes that it covers, although it was added after them', () => {
  const outer = new Hono().get('/secret', (c) => c.text('secret'));
  test.each<[name: string, add: (web: WebApp) => unknown]>([
    ['use()', (web) => web.use(auth)],
    ['use(path)', (web) => web.use('/area/*', auth)],
    ['use(path) of the exact path', (web) => web.use('/area/secret', auth)],
    ['use(path) with a parameter', (web) => web.use('/:area/secret', auth)],
    ['all(path)', (web) => web.all('/area/*', auth)],
    ["on('ALL')", (web) => web.on('ALL', '/area/*', auth)],
    ['basePath()', (web) => web.basePath('/area').use(auth)],
    ['basePath() of a basePath()', (web) => web.basePath('/').basePath('/area').use('*', auth)],
    ['route()', (web) => web.route('/area', new Hono().use(auth))],
    ['route() with an onError', (web) => web.route('/area', failing().use(auth))],
    ['route() within a route()', (web) => web.route('/', new Hono().route('/area', new Hono().use(auth)))],
    ['a stage', (web) => web.stage(5).use(auth)],
    ['use() of a function that does not show its parameters', (web) => web.use(hidden)],
    ['basePath(), of such a function', (web) => web.basePath('/area').use(hidden)],
    ['a basePath() of a basePath(), of such a function', (web) => web.basePath('/').basePath('/area').use(hidden)],
    ['a stage, of such a function', (web) => web.stage(1).basePath('/area').use(hidden)],
    [
      'an application with such a function and another route',
      (web) =>
        web.route(
          '/area',
          new Hono().use(hidden).get('/*', (c) => c.text('fallback')),
        ),
    ],
    ['the path of the route, before its handler', (web) => web.get('/area/secret', auth)],
  ])('by %s', async (_, add) => {
    const routes: Array<(web: WebApp) => unknown> = [
      (web) => web.get('/area/secret', (c) => c.text('secret')),
      (web) => web.basePath('/area').get('/secret', (c) => c.text('secret')),
      (web) => web.route('/area', outer),
      (web) => web.on(['GET', 'POST'], ['/area/secret'], (c) => c.text('secret')),
      (web) => web.all('/area/secret', (c) => c.text('secret')),
      (web) => web.get('/area/:name', needs({}), (c) => c.text('secret')),
    ];
    for (const addRoute of routes) {
      const { app } = await serve((web) => {
        addRoute(web);
        add(web);
        if (String(add).includes("get('/area/secret'") && String(addRoute).includes(':name')) web.use('/area/*', auth);
      });
      app.seal();
      expect((await app.request('/area/secret')).status).toBe(401);
      expect((await app.request('/area/secret', { headers: { authorization: 'me' } })).status).toBe(200);
    }
  });

  test('by use(), and the route belongs to a mounted application', async () => {
    const { app } = await serve((web) => web.mount('/area', outer.fetch).use(auth));
    app.seal();
    expect((await app.request('/area/secret')).status).toBe(401);
    expect((await app.request('/area/secret', { headers: { authorization: 'me' } })).status).toBe(200);
  });

  function failing(): Hono {
    return new Hono().onError((error) => (error as HTTPException).getResponse());
  }
});

test('a handler that accepts next protects a more specific route of its method', async () => {
  for (const isFirst of [true, false]) {
    const { app } = await serve((web) => {
      if (isFirst) web.get('/area/:name', auth);
      web.get('/area/secret', (c) => c.text('secret'));
      if (!isFirst) web.get('/area/:name', auth);
    });
    app.seal();
    expect((await app.request('/area/secret')).status).toBe(401);
  }
});

test.each(['/area/*', '/area/:name', '/area/:name{.+}'])(
  'a handler that accepts next on %s protects later ones of its owner that also accept it',
  async (path) => {
    const { app } = await serve((web) => {
      const routes = web.basePath('/').get('/area/:any', named('a')).get(path, auth);
      routes.get('/area/secret', named('b'), (c) => c.text('secret'));
    });
    app.seal();
    expect((await app.request('/area/secret')).status).toBe(401);
    const allowed = await app.request('/area/secret', { headers: { authorization: 'me' } });
    expect(allowed.headers.get('x-order')).toBe('b, a');
  },
);

describe('middlewares of one request run', () => {
  test.each<[name: string, add: (web: WebApp) => unknown, order: string]>([
    ['in the order of one call', (web) => web.use(named('a'), named('b')), 'b, a'],
    [
      'in the order of the calls on one basePath()',
      (web) => {
        const api = web.basePath('/');
        api.use(named('a'));
        api.use(named('b'));
      },
      'b, a',
    ],
    ['in the order of an application', (web) => web.route('/', new Hono().use(named('a')).use(named('b'))), 'b, a'],
    [
      'in that order for a wider path after a narrower one, too',
      (web) => {
        const area = web.basePath('/area');
        area.use('/secret', named('a'));
        area.basePath('/').use(named('b'));
      },
      'b, a',
    ],
    [
      'by stage',
      (web) => {
        web.stage(2).use(named('late'));
        web.use('/area/*', named('default'));
        web.stage(-1).use('/area/secret', named('early'));
      },
      'late, default, early',
    ],
  ])('%s', async (_, add, order) => {
    const { app } = await serve((web) => {
      web.get('/area/secret', (c) => c.text('secret'));
      add(web);
    });
    app.seal();
    expect((await app.request('/area/secret')).headers.get('x-order')).toBe(order);
  });
});

describe('a route', () => {
  test.each<[name: string, paths: readonly string[], request: string, answered: string]>([
    ['of a fixed segment runs before one with a parameter', ['/pages/:id', '/pages/new'], '/pages/new', '/pages/new'],
    ['with a pattern runs before one without', ['/:name', '/:id{[0-9]+}'], '/7', '/:id{[0-9]+}'],
    ['with a wildcard is a fallback', ['*', '/pages/:id'], '/pages/7', '/pages/:id'],
    ['with a longer path before a wildcard comes first', ['/*', '/pages/*'], '/pages/7', '/pages/*'],
  ])('%s, whichever was added first', async (_, paths, request, answered) => {
    for (const order of [paths, paths.toReversed()]) {
      const { app } = await serve((web) => {
        for (const path of order) web.get(path, (c) => c.text(path));
      });
      app.seal();
      expect(await (await app.request(request)).text()).toBe(answered);
    }
  });

  test('of one method runs before one of all methods', async () => {
    const { app } = await serve((web) => {
      web.all('/', (c) => c.text('not allowed', 405));
      web.get('/', (c) => c.text('hello'));
    });
    app.seal();
    expect((await app.request('/')).status).toBe(200);
    expect((await app.request('/', { method: 'DELETE' })).status).toBe(405);
  });
});

describe('an undecided order is refused before the server listens', () => {
  test.each<[name: string, add: (web: WebApp) => unknown]>([
    ['two middlewares of one path', (web) => web.use(auth).use(named('b'))],
    [
      'two applications with middleware of one path',
      (web) => {
        web.route('/', new Hono().use(auth));
        web.route('/', new Hono().use(named('b')));
      },
    ],
    ['a middleware of a wider path, which may respond itself', (web) => web.use('/area/*', auth).use(named('b'))],
    ['two middlewares of overlapping paths', (web) => web.use('/:area/*', auth).use('/secret/*', named('b'))],
    [
      'two middlewares, one of a pattern for several segments',
      (web) => web.use('/area/:rest{.+}', auth).use('/area/a/secret', named('b')),
    ],
    ['two handlers of one route', (web) => web.get('/', (c) => c.text('a')).get('/', (c) => c.text('b'))],
    [
      'two handlers of one route that accept next',
      (web) => web.get('/', auth).get('/', needs({}), (c) => c.text('secret')),
    ],
    ['two routes of one shape', (web) => web.get('/:a', (c) => c.text('a')).get('/:b', (c) => c.text('b'))],
    [
      'a handler with next on a wildcard path of one method',
      (web) => web.on('POST', '/area/*', auth).post('/area/secret', (c) => c.text('secret')),
    ],
    [
      'a handler of all methods below a path, which may be a guard or a fallback',
      (web) => web.all('/area/*', hidden).get('/area/secret', (c) => c.text('secret')),
    ],
    [
      'a handler of all methods in an application, which may be a guard or a fallback',
      (web) =>
        web
          .route(
            '/area',
            new Hono().all('*', (c) => c.text('closed')),
          )
          .get('/area/secret', (c) => c.text('secret')),
    ],
    [
      'a mounted application that covers a route',
      (web) => web.mount('/area', () => new Response('all')).get('/area/secret', (c) => c.text('secret')),
    ],
    [
      'two handlers of errors',
      (web) => web.onError((_, c) => c.text('a', 500)) && web.onError((_, c) => c.text('b', 500)),
    ],
    ['two pages for nothing found', (web) => web.notFound((c) => c.text('a')) && web.notFound((c) => c.text('b'))],
  ])('%s', async (_, add) => {
    const { app } = await serve(add);
    expect(() => app.seal()).toThrow(RouteOrderError);
  });

  test('with a message that does not depend on who was first', async () => {
    const both = [(web: WebApp) => web.use('/area/*', auth), (web: WebApp) => web.all('/area/*', named('b'))];
    const messages: unknown[] = [];
    for (const order of [both, both.toReversed()]) {
      const { app } = await serve((web) => order.forEach((add) => add(web)));
      try {
        app.seal();
      } catch (error) {
        messages.push((error as Error).message);
      }
    }
    expect(messages[0]).toBe(messages[1]);
    expect(messages[0]).toMatchInlineSnapshot(`
      "The order of two handlers is undefined
        one          ALL /area/*
        the other    ALL /area/* (auth)
        note         components start concurrently, and the component of a call after an \`await\` is unknown
        help         add both before the first \`await\` of a hook: components then run in the order of declaration
                     or add both in one call, in the order in which they are to run: web.use(path, first, second)
                     or add them to one application or one \`const api = web.basePath(path)\`, which keep the order of their calls
                     or choose a stage: web.stage(-1) runs before the others, web.stage(1) after them
        code         ERR_WEB_ROUTE_ORDER"
    `);
  });

  test.each<[name: string, add: (web: WebApp) => unknown]>([
    ['disjoint paths', (web) => web.use('/a/*', auth).use('/b/*', auth)],
    ['several handlers of one call that accept next', (web) => web.get('/', auth, named('b'), (c) => c.text('a'))],
    ['other methods', (web) => web.get('/', (c) => c.text('a')).post('/', (c) => c.text('b'))],
    ['an application of several middlewares', (web) => web.route('/', new Hono().use(auth).use(auth))],
    [
      'another stage',
      (web) => {
        web.use(auth);
        web.stage(1).use(auth);
      },
    ],
    [
      'a fallback in a later stage',
      (web) => {
        web.stage(1).get('*', async (_, next) => next());
        web.get('/', (c) => c.text('hello'));
      },
    ],
  ])('but not %s', async (_, add) => {
    const { app } = await serve(add);
    expect(() => app.seal()).not.toThrow();
  });
});

describe('a route that is added too late is refused', () => {
  test.each<[name: string, add: (web: WebApp) => unknown]>([
    ['get()', (web) => web.get('/late', (c) => c.text('late'))],
    ['use()', (web) => web.use(auth)],
    [
      'route()',
      (web) =>
        web.route(
          '/late',
          new Hono().get('/', (c) => c.text('late')),
        ),
    ],
    ['basePath()', (web) => web.basePath('/late').get('/', (c) => c.text('late'))],
    ['mount()', (web) => web.mount('/late', () => new Response('late'))],
  ])('by %s', async (_, add) => {
    const { app } = await serve((web) => web.get('/', (c) => c.text('hello')));
    app.seal();
    expect(() => add(app)).toThrow(LateRouteError);
    const other = await serve((web) => web.get('/', (c) => c.text('hello')));
    await other.app.request('/');
    expect(() => add(other.app)).toThrow(LateRouteError);
  });
});

interface Addition {
  readonly add: (web: WebApp) => unknown;
  /** Whether the component adds after the first `await` of its hook, when the component of a call is unknown. */
  readonly isLate?: boolean;
}

/** Components that start after a number of turns each, and then add routes and middleware. */
function site(additions: readonly Addition[], delays: readonly number[]): new () => Component {
  const types = additions.map(({ add, isLate = false }, index) => {
    class Piece extends Component {
      override async prepare(): Promise<void> {
        for (let turn = 0; turn < delays[index]!; turn++) await nextTurn();
      }

      override async start(web: WebApp): Promise<void> {
        if (isLate) await nextTurn();
        add(web);
      }
    }
    inject(WebApp)(Piece.prototype, 'start', 0);
    component()(Piece);
    return [`part${index}`, Piece] as const;
  });
  class Site extends Component {}
  component({ components: { web: WebComponent, ...Object.fromEntries(types) } })(Site);
  return Site;
}

/** What clients see of the application, or why it does not start. */
async function outcome(type: new () => Component): Promise<unknown> {
  let error: unknown;
  const app = await startApplication(type as never, { config: { components: { web: { port: 0 } } } }).catch(
    (thrown: unknown) => {
      error = thrown;
    },
  );
  if (!app) {
    while (error instanceof Error && error.cause instanceof Error) error = error.cause;
    return (error as Error).message;
  }
  onTestFinished(() => app.stop());
  const web = app.context.getResourceSync(WebApp);
  const seen: unknown[] = [];
  for (const path of ['/', '/area/secret', '/area/7', '/other/new', '/other/x/y']) {
    for (const method of ['GET', 'POST']) {
      const response = await web.request(path, { method });
      seen.push([response.status, response.headers.get('x-order'), await response.text()]);
    }
  }
  await app.stop();
  return seen;
}

describe('middlewares of components run', () => {
  const parts = [
    { add: (web: WebApp) => web.use(named('a')).use('*', named('b')) },
    {
      add: (web: WebApp) => {
        web.basePath('/').use(named('c'));
        web.use('/:any', named('d'));
        web.get('/', (c) => c.text('hello'));
      },
    },
  ];

  test.each([[[0, 0]], [[3, 0]], [[0, 3]]])(
    'in the order of declaration, and of the calls within a component, after delays of %j',
    async (delays) => {
      expect((await outcome(site(parts, delays))) as unknown[][]).toContainEqual([200, 'c, b, a', 'hello']);
    },
  );

  test('in no order that is known after the first await of a hook, which is an error', async () => {
    const late = [parts[0]!, { ...parts[1]!, isLate: true }];
    expect(await outcome(site(late, [0, 0]))).toContain('ERR_WEB_ROUTE_ORDER');
    expect(await outcome(site([{ ...parts[0]!, isLate: true }], [0]))).toContain('ERR_WEB_ROUTE_ORDER');
  });

  test('in their order although a fallback of another component is added before them', async () => {
    const fallback = { add: (web: WebApp) => web.get('*', (c) => c.text('fallback')) };
    expect(await outcome(site([fallback, ...parts], [0, 0, 0]))).toContainEqual([200, 'c, b, a', 'hello']);
  });
});

test('the response never depends on how long components take to start', async () => {
  const path = fc.constantFrom('*', '/', '/area/*', '/area/:id', '/area/secret', '/:area/*', '/other/new');
  const kind = fc.constantFrom(
    'use',
    'all',
    'get',
    'on',
    'basePath',
    'route',
    'fallback',
    'needs',
    'stage',
    'guard',
    'next',
  );
  const parts = fc.array(fc.tuple(kind, path, fc.boolean()), { minLength: 2, maxLength: 5 });
  const delays = fc.array(fc.nat(4), { minLength: 5, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(parts, delays, delays, async (described, first, second) => {
      const add = (how: string, at: string, index: number, web: WebApp): unknown => {
        const name = `${how}${index}`;
        switch (how) {
          case 'use':
            return web.use(at, named(name));
          case 'all':
            return web.all(at, named(name));
          case 'get':
            return web.get(at, (c) => c.text(name));
          case 'on':
            return web.on(['GET', 'POST'], at, (c) => c.text(name));
          case 'basePath':
            return web
              .basePath('/area')
              .use(at, named(name))
              .get(at, (c) => c.text(name));
          case 'route':
            return web.route(
              '/',
              new Hono<WebEnv>().use(at, named(name)).get(at, (c) => c.text(name)),
            );
          case 'fallback':
            return web.all(at, (c) => c.text(name));
          case 'guard': {
            const closed = new Hono<WebEnv>().all('*', (c) => c.text(name, 503));
            return web.route('/area', index % 2 === 0 ? closed : closed.get('/:id', (c) => c.text('never')));
          }
          case 'needs':
            return web.get(at, needs({}), (c) => c.text(name));
          case 'next':
            return web.get(at, named(name));
          default:
            return web.stage(index).use(at, named(name));
        }
      };
      const components = described.map(([how, at, isLate], index) => ({
        add: (web: WebApp) => add(how, at, index, web),
        isLate,
      }));
      expect(await outcome(site(components, first))).toEqual(await outcome(site(components, second)));
    }),
    { numRuns: 60 },
  );
});

test('a handler of all methods cannot run before the middleware of another component', async () => {
  const parts = [
    { add: (web: WebApp) => web.all('/area/*', (c) => c.text('secret')).get('/area/7', (c) => c.text('seven')) },
    { add: (web: WebApp) => web.use('/area/*', auth) },
  ];
  expect(await outcome(site(parts, [0, 0]))).toContain('ERR_WEB_ROUTE_ORDER');
  parts[0]!.add = (web: WebApp) => web.all('/area/*', (c) => c.text('secret'));
  expect((await outcome(site(parts, [0, 0]))) as unknown[][]).toContainEqual([401, null, '']);
});

test('a component that takes longer to start cannot leave a route unprotected', async () => {
  const parts = [
    { add: (web: WebApp) => web.use(auth) },
    { add: (web: WebApp) => web.get('/', (c) => c.text('secret')) },
  ];
  for (const delays of [
    [0, 3],
    [3, 0],
  ]) {
    expect((await outcome(site(parts, delays))) as unknown[][]).toContainEqual([401, null, '']);
  }
});
