import { Context, token } from '@asphalt/core';
import { currentContext, getResource } from '@asphalt/core/ambient';
import { expect, test } from 'vitest';

import { serve } from './serve.ts';

const Session = token<{ closedIn?: Context }>('Session');

test("what a request's handler calls finds the request's own context, and so does its teardown", async () => {
  const root = new Context('app');
  root.addResourceFactory(Session, async function* () {
    const session: { closedIn?: Context } = {};
    yield session;
    session.closedIn = currentContext();
  });
  const answered: Array<[found: boolean, session: { closedIn?: Context }, own: Context]> = [];
  const { url } = await serve((app) => {
    app.get('/', async (c) => {
      const { context } = c.var;
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
