import { Context } from '@asphalt/core';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { requestId, requestLogger } from '../src/request/request-logger.ts';
import { requestContext } from '../src/request/request-scope.ts';
import { Requests } from '../src/request/requests.ts';
import { WebApp } from '../src/web-app.ts';
import { dataLogger, type DataLine } from './recorded-lines.ts';

function appWith(addRoutes: (app: WebApp) => void): { app: WebApp; lines: DataLine[] } {
  const { logger, lines } = dataLogger();
  const app = new WebApp(new Requests(new Context('app'), logger, 4000), logger);
  addRoutes(app);
  return { app, lines };
}

test('requestLogger() writes lines with the id of the request', async () => {
  const { app, lines } = appWith((it) => {
    it.get('/', (c) => {
      requestLogger(c).info('reading', { page: 7 });
      return c.text(requestId(c));
    });
  });
  const id = await (await app.request('/')).text();
  expect(lines).toEqual([{ level: 'info', message: 'reading', data: { request: id, page: 7 } }]);
});

test('requestLogger() adds the name of the context once it is open, and does not open it', async () => {
  const { app, lines } = appWith((it) => {
    it.get('/', (c) => {
      requestLogger(c).info('before');
      requestContext(c).setId('user', 'u1');
      requestLogger(c).info('after');
      return c.text(requestId(c));
    });
  });
  const request = await (await app.request('/')).text();
  expect(lines.map(({ data }) => data)).toEqual([{ request }, { request, user: 'u1', context: 'GET /#1' }]);
});

test('requestLogger() creates one logger per request', async () => {
  const { app } = appWith((it) => it.get('/', (c) => c.json(requestLogger(c) === requestLogger(c))));
  expect(await (await app.request('/')).json()).toBe(true);
});

test('requestLogger() writes with the logger of a component', async () => {
  const { logger, lines } = dataLogger();
  const { app } = appWith((it) => {
    it.get('/', (c) => {
      requestLogger(c, logger.child('orders')).warn('empty');
      return c.text(requestId(c));
    });
  });
  const request = await (await app.request('/')).text();
  expect(lines).toEqual([{ level: 'warn', message: 'empty', data: { path: 'orders', request } }]);
});

test('the id of a request reaches its context when it is created after it', async () => {
  const { app } = appWith((it) => {
    it.get('/', (c) => {
      const context = requestContext(c);
      return c.json([context.ids['request'] ?? 'none', requestId(c) === context.ids['request']]);
    });
  });
  expect(await (await app.request('/')).json()).toEqual(['none', true]);
});

test('requestId() and requestLogger() fail for a request that was not sent to a WebApp', async () => {
  const other = new Hono();
  other.get('/id', (c) => c.text(requestId(c)));
  other.get('/logger', (c) => c.json(requestLogger(c)));
  other.onError((error) => Response.json(error.message));
  expect(await (await other.request('/id')).json()).toMatchInlineSnapshot(`
    "Cannot find the id of GET /id: the request was not sent to a WebApp
      help         send it to the fetch of the WebApp, or pass c.executionCtx to the fetch of the other application
      code         ERR_WEB_NO_CONTEXT"
  `);
  expect(await (await other.request('/logger')).json()).toContain('Cannot find the id of GET /logger');
});
