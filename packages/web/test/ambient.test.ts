import { Context, token } from '@asphalt/core';
import { currentContext, getResource } from '@asphalt/core/ambient';
import type { Context as HonoContext } from 'hono';
import { expect, test } from 'vitest';

import { requestContext } from '../src/request/request-scope.ts';
import { serve } from './serve.ts';

const Session = token<{ closedIn?: Context }>('Session');

test('functions that a handler calls find the context of the request, and so does its teardown', async () => {
  const root = new Context('app');
  root.addResourceFactory(Session, async function* () {
    const session: { closedIn?: Context } = {};
    yield session;
    session.closedIn = currentContext();
  });
  const answered: Array<[found: boolean, session: { closedIn?: Context }, own: Context]> = [];
  const { url } = await serve((app) => {
    app.get('/', async (c) => {
      const context = requestContext(c);
      answered.push([(await getResource(Request)) === c.req.raw, await getResource(Session), context]);
      return c.text('ok');
    });
  }, root);
  await Promise.all([fetch(url), fetch(url)]);
  expect(answered.map(([found, session, own]) => [found, session.closedIn === own])).toEqual([
    [true, true],
    [true, true],
  ]);
  expect(new Set(answered.map(([, , own]) => own)).size).toBe(2);
});

test('so do middleware, and the handlers of errors and of requests without a route', async () => {
  const found: boolean[] = [];
  const { url } = await serve((app) => {
    const see = (c: HonoContext): void => void found.push(currentContext() === requestContext(c));
    app.use('/failing', async (c, next) => {
      see(c);
      await next();
      see(c);
    });
    app.get('/failing', async (c) => {
      await Promise.resolve();
      see(c);
      throw new Error('failed');
    });
    app.get('/alone', async () => {
      throw new Error('failed');
    });
    app.onError((error, c) => {
      see(c);
      return c.text(error.message, 500);
    });
    app.notFound((c) => {
      see(c);
      return c.text('nothing', 404);
    });
  });
  const statuses: number[] = [];
  for (const path of ['/failing', '/alone', '/nowhere']) statuses.push((await fetch(url + path)).status);
  expect(statuses).toEqual([500, 500, 404]);
  expect(found).toEqual([true, true, true, true, true, true]);
});
