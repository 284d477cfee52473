import { Component, component } from '@asphalt/core';
import { testApplication } from '@asphalt/testing';
import { WebApp, WebComponent } from '@asphalt/web';
import { expect, test } from 'vitest';
import { DemoSite } from '../src/demo-site.ts';

@component({ components: { web: WebComponent, demo: DemoSite } })
class App extends Component {}

const configAt = (tick: number) => ({ components: { web: { port: 0 }, demo: { port: 0, tick } } });

test('the demo site serves its pages on its own port, with ETags', async (context) => {
  const app = await testApplication(context, App, { config: configAt(4) });
  const { url } = app.context.getResourceSync(WebApp, 'demo');
  expect(app.context.getResourceSync(WebApp).url).not.toBe(url);

  const response = await fetch(`${url}/releases`);
  expect(await response.text()).toContain('Meridian');
  const etag = response.headers.get('etag')!;
  const again = await fetch(`${url}/releases`, { headers: { 'if-none-match': etag } });
  expect(again.status).toBe(304);
  expect(await (await fetch(`${url}/`)).text()).toContain('/prices');
});

test('a page that is down responds with Retry-After', async (context) => {
  const app = await testApplication(context, App, { config: configAt(13) });
  const { url } = app.context.getResourceSync(WebApp, 'demo');
  const response = await fetch(`${url}/status`);
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('6');
  await response.body?.cancel();
});
