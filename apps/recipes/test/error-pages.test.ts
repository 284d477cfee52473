import { Component, inject } from '@asphalt/core';
import { WebApp } from '@asphalt/web';
import { HTTPException } from 'hono/http-exception';
import { expect, test, type TestContext } from 'vitest';
import { ErrorPagesComponent } from '../src/error-pages.ts';
import { serve, type Served } from './serve.ts';

class Site extends Component {
  override start(@inject(WebApp) web: WebApp): void {
    web.get('/broken', () => {
      throw new Error('the password is hunter2');
    });
    web.get('/teapot', () => {
      throw new HTTPException(418, { message: 'Only <b>tea</b>' });
    });
    web.get('/busy', () => {
      throw new HTTPException(503, { res: new Response('busy', { headers: { 'retry-after': '7' } }) });
    });
    web.post('/json', async (c) => c.json(await c.req.json()));
  }
}

function start(context: TestContext): Promise<Served> {
  const errors = { contact: 'help@example.org' };
  return serve(context, { errors: ErrorPagesComponent, site: Site }, { errors });
}

const browser = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };

test('a browser receives a page, and another client JSON', async (context) => {
  const { send } = await start(context);
  const page = await send('/missing', browser);
  expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=UTF-8']);
  expect(await page.text()).toContain('<h1>This page does not exist</h1>');

  const data = await send('/missing');
  expect(data.status).toBe(404);
  expect(await data.json()).toMatchObject({ status: 404, title: 'This page does not exist' });
});

test('an unexpected error is logged, and its message stays inside', async (context) => {
  const { app, send } = await start(context);
  const text = await (await send('/broken', browser)).text();
  expect(text).toContain('Something failed on our side');
  expect(text).not.toContain('hunter2');

  const { id } = (await (await send('/broken')).json()) as { id: string };
  expect(app.logs.at(-1)).toMatchObject({ level: 'error', message: 'GET /broken failed', data: { request: id } });
});

test('an exception of hono keeps its status, its escaped text and its headers', async (context) => {
  const { send } = await start(context);
  const teapot = await send('/teapot', browser);
  expect(teapot.status).toBe(418);
  expect(await teapot.text()).toContain('<h1>Only &lt;b&gt;tea&lt;/b&gt;</h1>');
  const busy = await send('/busy');
  expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '7']);
});

test('a malformed body is a 400', async (context) => {
  const { send } = await start(context);
  expect((await send('/json', { method: 'POST', body: '{' })).status).toBe(400);
});

test('a response to HEAD has no body', async (context) => {
  const { send } = await start(context);
  const response = await send('/missing', { method: 'HEAD' });
  expect([response.status, await response.text()]).toEqual([404, '']);
});
