import { setImmediate as nextTurn } from 'node:timers/promises';

import { Context } from '@asphalt/core';
import { Deferred } from '@asphalt/test-support';
import { Hono, type Context as HonoContext } from 'hono';
import { getRouterName } from 'hono/dev';
import { matchedRoutes, routePath } from 'hono/route';
import { stream } from 'hono/streaming';
import { describe, expect, test } from 'vitest';

import { RequestContextError } from '../src/errors.ts';
import { requestContext, withContext } from '../src/request/request-scope.ts';
import type { WebEnv } from '../src/web-env.ts';
import { serve } from './serve.ts';

/** Keeps the contexts that handlers see, in order. */
function seenContexts(): { contexts: Context[]; see(c: HonoContext): void } {
  const contexts: Context[] = [];
  return { contexts, see: (c) => void contexts.push(requestContext(c)) };
}

describe('a request has one context', () => {
  test('in all of its middleware, its handler, and the handler of its error', async () => {
    const { contexts, see } = seenContexts();
    const { app } = await serve((web) => {
      web.use(async (c, next) => {
        see(c);
        await next();
        see(c);
      });
      web.use('/pages/*', (c, next) => {
        see(c);
        return next();
      });
      web.get('/pages/:id', (c) => {
        see(c);
        throw new Error(c.req.param('id'));
      });
      web.onError((error, c) => {
        see(c);
        return c.text(`${error.message} is ${requestContext(c).state}, ${c.error === error}`, 500);
      });
    });
    const response = await app.request('/pages/7');
    expect([response.status, await response.text()]).toEqual([500, '7 is open, true']);
    expect(contexts).toHaveLength(5);
    expect(new Set(contexts).size).toBe(1);
    expect(contexts[0]!.state).toBe('closed');
  });

  test('in the one handler that it has, and the handler of its error', async () => {
    const { contexts, see } = seenContexts();
    const { app } = await serve((web) => {
      web.get('/', (c) => {
        see(c);
        throw new Error('failed');
      });
      web.onError((error, c) => {
        see(c);
        return c.text(`it is ${requestContext(c).state}, ${c.error === error}`, 500);
      });
    });
    expect(await (await app.request('/')).text()).toBe('it is open, true');
    expect(contexts).toHaveLength(2);
    expect(new Set(contexts).size).toBe(1);
  });

  test('in routes of other hono applications, with an onError of their own or without', async () => {
    const { contexts, see } = seenContexts();
    const plain = new Hono<WebEnv>().get('/', (c) => {
      see(c);
      return c.text('plain');
    });
    const failing = new Hono<WebEnv>()
      .get('/', (c) => {
        see(c);
        requestContext(c).onTeardown((error) => void ends.push(error));
        throw new Error('failed');
      })
      .onError((error, c) => c.text(`own: ${error.message}`, 418));
    const ends: unknown[] = [];
    const { app } = await serve((web) => {
      web.route('/plain', plain).route('/failing', failing);
      web.basePath('/based').get('/', (c) => {
        see(c);
        return c.text('based');
      });
    });
    const texts: string[] = [];
    for (const path of ['/plain', '/failing', '/based']) texts.push(await (await app.request(path)).text());
    expect(texts).toEqual(['plain', 'own: failed', 'based']);
    expect(ends).toMatchObject([{ message: 'failed' }]);
    expect(contexts.map(({ name, state }) => [name, state])).toEqual([
      ['GET /plain', 'closed'],
      ['GET /failing', 'closed'],
      ['GET /based', 'closed'],
    ]);
  });

  test('and another one where its handler sends a request to the same application', async () => {
    const { contexts, see } = seenContexts();
    const { app } = await serve((web) => {
      web.get('/outer', async (c) => {
        see(c);
        const inner = await web.request('/inner');
        see(c);
        return c.text(`${await inner.text()}, ${requestContext(c).state}`);
      });
      web.get('/inner', (c) => {
        see(c);
        return c.text('inner');
      });
    });
    expect(await (await app.request('/outer')).text()).toBe('inner, open');
    expect(contexts.map(({ name, state }) => [name, state])).toEqual([
      ['GET /outer', 'closed'],
      ['GET /inner', 'closed'],
      ['GET /outer', 'closed'],
    ]);
  });

  test('while others start and end between its handlers', async () => {
    const slow = new Deferred();
    const { contexts, see } = seenContexts();
    const { app } = await serve((web) => {
      web.use('/slow', async (c, next) => {
        see(c);
        await slow.promise;
        await next();
      });
      web.get('/:name', (c) => {
        see(c);
        return c.text(requestContext(c).name);
      });
    });
    const pending = app.request('/slow');
    expect(await (await app.request('/fast')).text()).toBe('GET /fast');
    slow.resolve();
    expect(await (await pending).text()).toBe('GET /slow');
    expect(contexts.map(({ name }) => name)).toEqual(['GET /slow', 'GET /fast', 'GET /slow']);
  });
});

describe('the context is opened when it is asked for', () => {
  /** Counts the contexts that are opened in it. */
  class Counting extends Context {
    opened = 0;

    override child(name?: string): Context {
      this.opened++;
      return super.child(name);
    }
  }

  test.each<[way: string, ask: (c: HonoContext<WebEnv>) => unknown, opened: number]>([
    ['never', (c) => c.get('other' as never), 0],
    ['once', (c) => requestContext(c), 1],
    ['more than once', (c) => requestContext(c) === requestContext(c) && requestContext(c), 1],
  ])('%s', async (_, ask, opened) => {
    const root = new Counting('app');
    const { app } = await serve((web) => {
      web.get('/', (c) => c.text(String((ask(c) as Context | undefined)?.name)));
    }, root);
    expect(await (await app.request('/')).text()).toBe(opened === 0 ? 'undefined' : 'GET /');
    expect(root.opened).toBe(opened);
    await root.close();
  });

  test('withContext() sets it in c.var beside the variables of other middleware', async () => {
    const { app } = await serve((web) => {
      web.use(withContext());
      web.use(async (c, next) => {
        c.set('user' as never, 'Ann' as never);
        await next();
      });
      web.get('/', withContext(), (c) =>
        c.json([Object.keys(c.var), c.get('user' as never), c.var.context === requestContext(c)]),
      );
    });
    expect(await (await app.request('/')).json()).toEqual([['context', 'user'], 'Ann', true]);
  });

  test('after the request has ended, it is refused and nothing is left open', async () => {
    const root = new Context('app');
    let late!: HonoContext<WebEnv>;
    const { app } = await serve((web) => {
      web.get('/', (c) => {
        late = c;
        return c.text('hello');
      });
    }, root);
    await app.request('/');
    expect(() => requestContext(late)).toThrow(RequestContextError);
    await root.close();
  });

  test('by a stream, and stays open until its end', async () => {
    const { contexts, see } = seenContexts();
    const { app } = await serve((web) => {
      web.get('/', (c) =>
        stream(c, async (out) => {
          await nextTurn();
          await nextTurn();
          see(c);
          await out.write(contexts[0]!.state);
        }),
      );
    });
    expect(await (await app.request('/')).text()).toBe('open');
    expect(contexts[0]!.state).toBe('closed');
  });
});

describe('a synchronous response', () => {
  test.each(['/', '/forgotten', '/failing'])('is returned without a promise: %s', async (path) => {
    const { app } = await serve((web) => {
      web.get('/', (c) => c.text('hello'));
      web.get('/forgotten', (() => {}) as never);
      web.get('/failing', () => {
        throw new Error('failed');
      });
    });
    const response = app.request(path);
    expect(response).toBeInstanceOf(Response);
  });

  test('waits for the teardown where there is one', async () => {
    const { app } = await serve((web) => {
      web.get('/', (c) => {
        requestContext(c).onTeardown(() => {});
        return c.text('hello');
      });
    });
    const response = app.request('/');
    expect(response).toBeInstanceOf(Promise);
    expect(await (await response).text()).toBe('hello');
  });

  test('waits for the pending value of a factory', async () => {
    class Slow {}
    const made = new Deferred<Slow>();
    const root = new Context('app');
    root.addResourceFactory(Slow, () => made.promise);
    const { contexts, see } = seenContexts();
    const { app } = await serve((web) => {
      web.get('/', (c) => {
        see(c);
        void requestContext(c).getResource(Slow);
        return c.text('hello');
      });
    }, root);
    const response = app.request('/');
    while (contexts[0]!.state === 'open') await nextTurn();
    expect(contexts[0]!.state).toBe('closing');
    made.resolve(new Slow());
    expect((await response).status).toBe(200);
    expect(contexts[0]!.state).toBe('closed');
  });

  test('is a 500 when a context that was opened in its own was left open', async () => {
    const { app, lines } = await serve((web) => {
      web.get('/', (c) => {
        requestContext(c).child('forgotten');
        return c.text('hello');
      });
    });
    expect((await app.request('/')).status).toBe(500);
    expect(lines).toMatchObject([{ message: 'GET / failed', error: { code: 'ERR_TEARDOWN' } }]);
  });
});

describe('hono lists the routes', () => {
  test('as they were added, with nothing of ours between them', async () => {
    const { app } = await serve((web) => {
      web.use('/pages/*', (_, next) => next());
      web.get('/pages/:id', (c) => c.json([routePath(c), ...matchedRoutes(c).map(({ path }) => path)]));
    });
    expect(await (await app.request('/pages/7')).json()).toEqual(['/pages/:id', '/pages/*', '/pages/:id']);
    expect(app.routes.map(({ path }) => path)).toEqual(['/pages/*', '/pages/:id']);
    expect(getRouterName(app)).toBe('SmartRouter + RegExpRouter');
  });
});
