import { Component, component, health, inject, startApplication, type Application } from '@asphalt/core';
import { Deferred, recordingLogger, type LogLine } from '@asphalt/test-support';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HealthPathError } from '../src/errors.ts';
import { WebApp } from '../src/web-app.ts';
import { WebComponent } from '../src/web-component.ts';
import { raw } from './raw-request.ts';

const state = { isUp: true };

@component({ components: { web: WebComponent } })
class Shop extends Component {
  @inject(WebApp) readonly web!: WebApp;

  override start(): void {
    state.isUp = true;
    this.web.use(() => Promise.reject(new Error('the middleware is broken')));
    this.web.get('/:page', (c) => c.text('a page'));
  }

  @health()
  stock(): void {
    if (!state.isUp) throw new Error('the stock is empty');
  }
}

interface Started {
  readonly application: Application;
  readonly url: string;
  readonly lines: LogLine[];
}

async function start(web: object = {}, root: new () => Component = Shop): Promise<Started> {
  const { logger, lines } = recordingLogger();
  const config = { components: { web: { port: 0, ...web } } };
  const application = await startApplication(root, { logger, config });
  onTestFinished(() => application.stop());
  return { application, url: String((await application.context.getResource(WebApp)).url), lines };
}

async function replyOf(url: string, init?: RequestInit): Promise<[number, string]> {
  const response = await fetch(url, init);
  return [response.status, await response.text()];
}

describe('the health endpoints', () => {
  test('respond before any middleware, and log nothing', async () => {
    const { url, lines } = await start();
    const logged = lines.length;
    expect(await replyOf(`${url}/readyz`)).toEqual([200, '{"status":"up"}']);
    expect(await replyOf(`${url}/healthz?from=probe`)).toEqual([200, '{"status":"up"}']);
    expect(lines.slice(logged)).toEqual([]);
    expect((await replyOf(`${url}/about`))[0]).toBe(500);
  });

  test('report a failing check to balancers, but not to supervisors', async () => {
    const { url } = await start();
    state.isUp = false;
    expect(await replyOf(`${url}/readyz`)).toEqual([503, '{"status":"down"}']);
    expect(await replyOf(`${url}/healthz`)).toEqual([200, '{"status":"up"}']);
  });

  test('show the checks only with the option details, and only to accepted hosts', async () => {
    const { url } = await start({ health: { details: true } });
    const [, body] = await replyOf(`${url}/readyz`);
    expect(JSON.parse(body)).toMatchObject({
      status: 'up',
      checks: [{ component: '', member: 'stock', status: 'up' }],
    });
    const foreign = await raw(url, 'GET /readyz HTTP/1.1\r\nHost: 10.1.2.3:8000');
    expect([foreign.status, foreign.body]).toEqual([200, '{"status":"up"}']);
  });

  test('respond to trusted proxies, and to targets with a host', async () => {
    const { url } = await start({ trustProxy: ['loopback'] });
    const fields = 'Host: localhost\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: localhost';
    for (const target of ['/readyz', '/healthz?x', 'http://localhost/readyz', 'http://localhost/healthz?x']) {
      const { status, body } = await raw(url, `GET ${target} HTTP/1.1\r\n${fields}`);
      expect([target, status, body]).toEqual([target, 200, '{"status":"up"}']);
    }
  });

  test('cannot be cached, respond to HEAD without a body, and refuse other methods', async () => {
    const { url } = await start();
    const head = await fetch(`${url}/readyz`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '15', '']);
    expect(head.headers.get('cache-control')).toBe('no-store');
    const post = await fetch(`${url}/readyz`, { method: 'POST', body: 'x' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('can be moved and switched off', async () => {
    const { url } = await start({ health: { ready: '/health/ready', live: '' } });
    expect((await replyOf(`${url}/health/ready`))[0]).toBe(200);
    // The broken middleware responds.
    expect((await replyOf(`${url}/healthz`))[0]).toBe(500);
    expect((await replyOf(`${url}/readyz`))[0]).toBe(500);
  });

  test('cannot be hidden by a route of the application', async () => {
    @component({ components: { web: WebComponent } })
    class Own extends Component {
      @inject(WebApp) readonly web!: WebApp;
      override start(): void {
        this.web.get('/healthz', (c) => c.text('fine'));
      }
    }
    const failure = await start({}, Own).catch((error: unknown) => error);
    const error = (failure as Error).cause as HealthPathError;
    expect(error).toBeInstanceOf(HealthPathError);
    expect(error.route).toBe('GET /healthz');
    const { url } = await start({ health: { live: '' } }, Own);
    expect(await replyOf(`${url}/healthz`)).toEqual([200, 'fine']);
  });
});

describe('a port of the endpoints', () => {
  test('is open while the application starts and while it stops', async () => {
    const entered = new Deferred();
    const starting = new Deferred();
    const stopping = new Deferred();
    @component({ components: { web: WebComponent } })
    class Slow extends Component {
      @inject(WebApp) readonly web!: WebApp;
      override async *start(): AsyncGenerator<void> {
        entered.resolve();
        await starting.promise;
        yield;
        await stopping.promise;
      }
    }
    const { logger, lines } = recordingLogger();
    const config = { components: { web: { port: 0, health: { port: 0 } } } };
    const started = startApplication(Slow, { logger, config });
    await entered.promise;
    const line = lines.find(({ message }) => message.startsWith('Health endpoints on '));
    const own = String(line?.message.split(' ').at(-1));
    expect(await replyOf(`${own}/readyz`)).toEqual([503, '{"status":"down"}']);
    expect(await replyOf(`${own}/healthz`)).toEqual([200, '{"status":"up"}']);
    expect((await replyOf(`${own}/other`))[0]).toBe(404);
    starting.resolve();
    const application = await started;
    const { url } = await application.context.getResource(WebApp);
    expect(await replyOf(`${own}/readyz`)).toEqual([200, '{"status":"up"}']);
    expect((await replyOf(`${url}/readyz`))[0]).toBe(404);
    const stopped = application.stop();
    expect(await replyOf(`${own}/readyz`)).toEqual([503, '{"status":"down"}']);
    stopping.resolve();
    await stopped;
    await expect(fetch(own)).rejects.toThrow('fetch failed');
  });
});
