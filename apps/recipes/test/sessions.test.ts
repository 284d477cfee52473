import { Component, component, inject, type ComponentClass } from '@asphalt/core';
import { RedisComponent } from '@asphalt/redis';
import { Deferred } from '@asphalt/test-support';
import { redisServer, unavailable } from '@asphalt/testing/servers';
import { needs, WebApp } from '@asphalt/web';
import { describe, expect, test, type TestContext } from 'vitest';
import { Session, SessionsComponent } from '../src/sessions.ts';
import { serve } from './serve.ts';

/** Holds the requests of the page `/slow`. */
let slow = { entered: new Deferred<void>(), gate: new Deferred<void>() };

const sessionNeeds = needs({ session: Session });

@component({ lookups: [sessionNeeds] })
class Site extends Component {
  override start(@inject(WebApp) web: WebApp): void {
    web.get('/', sessionNeeds, (c) => c.text(c.var.session.data.user ?? 'a guest'));
    web.post('/login', sessionNeeds, async (c) => {
      c.var.session.start({ user: await c.req.text() });
      return c.text('welcome');
    });
    web.post('/logout', sessionNeeds, (c) => {
      c.var.session.end();
      return c.text('goodbye');
    });
    web.get('/slow', sessionNeeds, async (c) => {
      slow.entered.resolve();
      await slow.gate.promise;
      return c.text('done');
    });
    web.post('/broken', sessionNeeds, (c) => {
      c.var.session.start({ user: 'eve' });
      throw new Error('no such page');
    });
  }
}

type Components = Readonly<Record<string, ComponentClass>>;

/** Starts the site, and returns a browser that keeps one cookie. */
async function open(context: TestContext, others: Components = {}, config: object = {}) {
  const { app, send } = await serve(
    context,
    { ...others, sessions: SessionsComponent, site: Site },
    { sessions: { secure: false }, ...config },
  );
  const browser = {
    cookie: '',
    async visit(path: string, method = 'GET', body?: string): Promise<string> {
      const response = await send(path, { method, ...(body && { body }), headers: { cookie: browser.cookie } });
      const [set] = response.headers.getSetCookie();
      if (set !== undefined) browser.cookie = set.split(';')[0]!;
      return response.text();
    },
  };
  return { app, browser, send };
}

type Open = (context: TestContext) => ReturnType<typeof open>;

const stores: ReadonlyArray<readonly [string, boolean, Open]> = [
  ['memory', true, (context) => open(context)],
  [
    'Redis',
    unavailable('redis') === false,
    async (context) => {
      const redis = await redisServer();
      context.onTestFinished(() => redis.stop());
      return open(context, { redis: RedisComponent }, { redis: { url: redis.url } });
    },
  ],
];

for (const [store, isAvailable, openWith] of stores) {
  describe.skipIf(!isAvailable)(`sessions in ${store}`, () => {
    test('a session lasts from the login to the logout', async (context) => {
      const { browser } = await openWith(context);
      expect(await browser.visit('/')).toBe('a guest');
      await browser.visit('/login', 'POST', 'ada');
      expect(await browser.visit('/')).toBe('ada');
      await browser.visit('/logout', 'POST');
      expect(await browser.visit('/')).toBe('a guest');
    });

    test('the id of an ended session is worthless', async (context) => {
      const { browser } = await openWith(context);
      await browser.visit('/login', 'POST', 'ada');
      const { cookie } = browser;
      await browser.visit('/logout', 'POST');
      browser.cookie = cookie;
      expect(await browser.visit('/')).toBe('a guest');
    });

    test('a request that runs during the logout does not store the session again', async (context) => {
      slow = { entered: new Deferred<void>(), gate: new Deferred<void>() };
      const { browser, send } = await openWith(context);
      await browser.visit('/login', 'POST', 'ada');
      const { cookie } = browser;
      const running = send('/slow', { headers: { cookie } });
      await slow.entered.promise;
      await browser.visit('/logout', 'POST');
      slow.gate.resolve();
      expect((await running).headers.getSetCookie()).toEqual([]);
      browser.cookie = cookie;
      expect(await browser.visit('/')).toBe('a guest');
    });

    test('a login replaces the id of the session before it', async (context) => {
      const { browser } = await openWith(context);
      await browser.visit('/login', 'POST', 'ada');
      const { cookie } = browser;
      await browser.visit('/login', 'POST', 'bob');
      expect(browser.cookie).not.toBe(cookie);
      browser.cookie = cookie;
      expect(await browser.visit('/')).toBe('a guest');
    });
  });
}

test('guests receive no cookie', async (context) => {
  const { send } = await open(context);
  expect((await send('/')).headers.getSetCookie()).toEqual([]);
});

test('an invented id starts no session', async (context) => {
  const { browser } = await open(context);
  browser.cookie = 'session=invented';
  expect(await browser.visit('/')).toBe('a guest');
});

test('a handler that fails stores nothing', async (context) => {
  const { app, browser } = await open(context);
  await browser.visit('/broken', 'POST');
  expect(browser.cookie).toBe('');
  expect(app.logs.at(-1)).toMatchObject({ level: 'error', message: 'POST /broken failed' });
});

test('scripts of a page cannot read the cookie, and HTTPS protects it by default', async (context) => {
  const { send } = await serve(context, { sessions: SessionsComponent, site: Site });
  const [cookie] = (await send('/login', { method: 'POST', body: 'ada' })).headers.getSetCookie();
  expect(cookie).toMatch(/^__Host-session=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
});
