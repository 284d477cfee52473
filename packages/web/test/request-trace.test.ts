import { recordTraces, settled } from '@asphalt/test-support';
import { expect, onTestFinished, test } from 'vitest';

import { requestContext, type RequestTrace } from '../src/index.ts';
import type { WebApp } from '../src/web-app.ts';
import { serve } from './serve.ts';

function observe(): Array<[channel: string, message: RequestTrace]> {
  const { seen, unsubscribe } = recordTraces<RequestTrace>('asphalt.request');
  onTestFinished(unsubscribe);
  return seen;
}

function addRoutes(app: WebApp): void {
  app.use('/pages/*', async (_, next) => next());
  app.get('/pages/:id', async (c) => {
    await settled();
    return c.text(`${requestContext(c).name}`, 201);
  });
  app.get('/plain', (c) => c.text('plain'));
  app.get('/broken', () => {
    throw new Error('broken');
  });
}

test('a request is published with its method, route, status and context', async () => {
  const seen = observe();
  const { app } = await serve(addRoutes);
  let context: unknown;
  const response = app.request('/pages/7');
  const [[channel, message]] = seen as [[string, RequestTrace]];
  expect([channel, message.method, message.status]).toEqual(['start', 'GET', undefined]);
  context = message.context;
  expect(await (await response).text()).toBe('GET /pages/7');
  expect(seen.map(([each]) => each)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
  expect([message.route, message.status, message.context]).toEqual(['/pages/:id', 201, context]);
  expect(message.context?.state).toBe('closed');
});

test('a request without a context has none after its response', async () => {
  const seen = observe();
  const { app } = await serve(addRoutes);
  await app.request('/plain');
  const message = seen.at(-1)![1];
  expect([message.route, message.status, message.context]).toEqual(['/plain', 200, undefined]);
});

test('a request without a route has none, and a failing handler leads to the status 500', async () => {
  const seen = observe();
  const { app } = await serve(addRoutes);
  await app.request('/missing');
  await app.request('/broken');
  const messages = new Set(seen.map(([, message]) => message));
  expect(Array.from(messages, ({ route, status, error }) => [route, status, error])).toEqual([
    [undefined, 404, undefined],
    ['/broken', 500, undefined],
  ]);
});
