import { Component, component, startApplication } from '@asphalt/core';
import { WebApp, WebComponent } from '@asphalt/web';
import { expect, test } from 'vitest';
import { DemoSite } from '../src/demo-site.ts';

@component({ components: { web: WebComponent, demo: DemoSite } })
class App extends Component {}

test('the demo site serves its pages on its own port, with ETags', async () => {
  const config = { components: { web: { port: 0 }, demo: { port: 0, tick: 4 } } };
  const app = await startApplication(App, { config });
  try {
    const { url } = await app.context.getResource(WebApp, 'demo');
    expect((await app.context.getResource(WebApp)).url).not.toBe(url);

    const response = await fetch(`${url}/releases`);
    expect(await response.text()).toContain('Meridian');
    const etag = response.headers.get('etag')!;
    const again = await fetch(`${url}/releases`, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    expect(await (await fetch(`${url}/`)).text()).toContain('/prices');
  } finally {
    await app.stop();
  }
});

test('a page that is down responds with Retry-After', async () => {
  const app = await startApplication(App, {
    config: { components: { web: { port: 0 }, demo: { port: 0, tick: 13 } } },
  });
  try {
    const { url } = await app.context.getResource(WebApp, 'demo');
    const response = await fetch(`${url}/status`);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('6');
    await response.body?.cancel();
  } finally {
    await app.stop();
  }
});
