import { Component, component, inject, startApplication } from '@asphalt/core';
import { expect, onTestFinished, test } from 'vitest';
import { needs } from '../src/routes/needs.ts';
import { requestContext } from '../src/request/request-scope.ts';
import { WebApp } from '../src/web-app.ts';
import { WebComponent } from '../src/web-component.ts';

const standard = [Request, Response];

@component({ components: { web: WebComponent } })
class Site extends Component {
  override start(@inject(WebApp) web: WebApp): void {
    web.get('/', async (c) => {
      const found = (await requestContext(c).getResource(standard[0] as typeof Request)) === c.req.raw;
      return c.text(`found: ${found}`);
    });
  }
}

test('the option overrideGlobals replaces the global classes when the server listens', async () => {
  const app = await startApplication(Site, { config: { components: { web: { port: 0, overrideGlobals: true } } } });
  onTestFinished(() => app.stop());
  expect([Request, Response]).not.toEqual(standard);
  const response = await fetch(String(app.context.getResourceSync(WebApp).url));
  expect([response.headers.get('content-length'), await response.text()]).toEqual(['11', 'found: true']);
});

test('a response that cannot be sent is a 500, and its context closes with the error', async () => {
  const ends: unknown[] = [];
  @component({ components: { web: WebComponent } })
  class Faulty extends Component {
    override start(@inject(WebApp) web: WebApp): void {
      const respond = (path: string, create: () => Response): unknown =>
        web.get(path, async (c) => {
          requestContext(c).onTeardown((error) => void ends.push(error instanceof Error));
          await Promise.resolve();
          return create();
        });
      respond('/status', () => new Response('x', { status: 1000 }));
      respond('/header', () => new Response('x', { headers: { 'x-name': '\u2603' } }));
      respond('/valid', () => new Response('x', { status: 201, headers: { 'x-name': 'ok' } }));
    }
  }
  const app = await startApplication(Faulty, { config: { components: { web: { port: 0, overrideGlobals: true } } } });
  onTestFinished(() => app.stop());
  const statuses: number[] = [];
  for (const path of ['/status', '/header', '/valid'])
    statuses.push((await fetch(`${app.context.getResourceSync(WebApp).url}${path}`)).status);
  expect([statuses, ends]).toEqual([
    [500, 500, 201],
    [true, true, false],
  ]);
});

test('a route may require the request by the global class that another server replaced', async () => {
  const config = { components: { web: { port: 0, overrideGlobals: true } } };
  const first = await startApplication(Site, { config });
  onTestFinished(() => first.stop());
  const Replaced = Request;
  expect(Replaced).not.toBe(standard[0]);

  @component({ components: { web: WebComponent } })
  class Second extends Component {
    override start(@inject(WebApp) web: WebApp): void {
      web.get('/', needs({ request: Replaced }), (c) => c.text(c.var.request.method));
    }
  }
  const second = await startApplication(Second, { config });
  onTestFinished(() => second.stop());
  expect(await (await fetch(String(second.context.getResourceSync(WebApp).url))).text()).toBe('GET');
});
