import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Component, inject } from '@asphalt/core';
import { WebApp } from '@asphalt/web';
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest';
import { FrontEndComponent } from '../src/front-end.ts';
import { serve, type Served } from './serve.ts';

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'front-end-'));
  await mkdir(join(root, 'dist/assets'), { recursive: true });
  await writeFile(join(root, 'secret.txt'), 'secret');
  await writeFile(join(root, 'dist/index.html'), '<!doctype html><title>Shop</title>');
  await writeFile(join(root, 'dist/robots.txt'), 'User-agent: *');
  await writeFile(join(root, 'dist/assets/app-4f2a.js'), 'start();');
});
afterAll(() => rm(root, { recursive: true }));

class Api extends Component {
  override start(@inject(WebApp) web: WebApp): void {
    web.get('/api/time', (c) => c.text('noon'));
    web.all('/api/*', (c) => c.json({ title: 'No such route' }, 404));
  }
}

function start(context: TestContext): Promise<Served> {
  const front = { folder: join(root, 'dist') };
  return serve(context, { front: FrontEndComponent, api: Api }, { front });
}

const browser = { headers: { accept: 'text/html,*/*;q=0.8' } };

test.for(['/', '/index.html', '/orders', '/orders/17?tab=items'])(
  'a browser receives the page at %s',
  async (path, context) => {
    const { send } = await start(context);
    const response = await send(path, browser);
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-cache']);
    expect(await response.text()).toContain('<title>Shop</title>');
  },
);

test('files with a hash are cached for a year, and others are not', async (context) => {
  const { send } = await start(context);
  const script = await send('/assets/app-4f2a.js');
  expect(await script.text()).toBe('start();');
  expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(script.headers.get('content-type')).toContain('javascript');
  expect((await send('/robots.txt')).headers.get('cache-control')).toBe('no-cache');
});

test.for(['/assets/app-old1.js', '/assets/', '/logo.png', '/..%2fsecret.txt', '/%2e%2e/secret.txt'])(
  'the missing file %s is a 404 that is not cached',
  async (path, context) => {
    const { send } = await start(context);
    const response = await send(path, browser);
    expect([response.status, response.headers.get('cache-control')]).toEqual([404, null]);
  },
);

test('routes of the API come first, and clients other than browsers receive no page', async (context) => {
  const { send } = await start(context);
  expect(await (await send('/api/time')).text()).toBe('noon');
  expect((await send('/api/missing', browser)).status).toBe(404);
  expect((await send('/orders', { headers: { accept: 'application/json' } })).status).toBe(404);
});
