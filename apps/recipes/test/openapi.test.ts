import { Component, inject } from '@asphalt/core';
import { WebApp } from '@asphalt/web';
import { validated } from '@asphalt/web/validation';
import { expect, test, type TestContext } from 'vitest';
import { z } from 'zod';
import { OpenApiComponent } from '../src/openapi.ts';
import { serve, type Served } from './serve.ts';

class Orders extends Component {
  override start(@inject(WebApp) web: WebApp): void {
    web.post('/orders', validated('json', z.object({ item: z.string() })), (c) => c.text('ordered', 201));
  }
}

function start(context: TestContext, options = {}): Promise<Served> {
  const docs = { title: 'Tom & Jerry', ...options };
  return serve(context, { docs: OpenApiComponent, orders: Orders }, { docs });
}

test('the document contains the routes of components that start later', async (context) => {
  const { send } = await start(context);
  expect(await (await send('/openapi.json')).json()).toMatchObject({
    openapi: '3.1.0',
    info: { title: 'Tom & Jerry', version: '1.0.0' },
    paths: { '/orders': { post: { requestBody: { content: { 'application/json': {} } } } } },
  });
});

test('the page runs only files with known hashes and those of this server', async (context) => {
  const { send } = await start(context);
  const response = await send('/docs');
  const page = await response.text();
  expect(page).toContain('<title>Tom &amp; Jerry</title>');
  const scripts = Array.from(page.matchAll(/<script\s+src="(.*?)"([^>]*)>/gs), ([, url, rest]) => ({ url, rest }));
  expect(scripts).toEqual([
    {
      url: 'https://cdn.jsdelivr.net/npm/swagger-ui-dist@5.35.0/swagger-ui-bundle.js',
      rest: expect.stringMatching(/integrity="sha384-[\w+/]{64}"\s+crossorigin="anonymous"/) as string,
    },
    { url: '/docs/start.js', rest: '' },
  ]);
  expect(response.headers.get('content-security-policy')).toContain("script-src 'self' https://cdn.jsdelivr.net;");
  expect((await send('/docs/start.js')).headers.get('content-type')).toBe('text/javascript');
});

test('the files of the page may come from another server', async (context) => {
  const { send } = await start(context, { viewer: 'https://assets.example.org/swagger-ui/' });
  const response = await send('/docs');
  expect(await response.text()).toContain('href="https://assets.example.org/swagger-ui/swagger-ui.css"');
  expect(response.headers.get('content-security-policy')).toContain('https://assets.example.org');
});
