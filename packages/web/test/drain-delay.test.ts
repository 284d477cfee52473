import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { Component, component, inject, provides, startApplication, type Application } from '@asphalt/core';
import { Deferred, recordingLogger } from '@asphalt/test-support';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { requestContext } from '../src/request/request-scope.ts';
import { WebApp } from '../src/web-app.ts';
import { WebComponent } from '../src/web-component.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  // Runs after the stops of the applications.
  onTestFinished(() => void vi.useRealTimers());
});

const hour = 3_600_000;

class Visit {
  constructor(readonly path: string) {}
}

const gate = { entered: new Deferred(), slow: new Deferred() };

@component({ components: { web: WebComponent } })
class Shop extends Component {
  @inject(WebApp) readonly web!: WebApp;

  @provides(Visit, { scope: 'context' })
  visit(@inject(Request) { url }: Request): Visit {
    return new Visit(new URL(url).pathname);
  }

  override start(): void {
    gate.entered = new Deferred();
    gate.slow = new Deferred();
    this.web.get('/visit', async (c) => {
      const context = requestContext(c);
      const { path } = await context.getResource(Visit);
      return c.json({ path, aborted: context.abort.aborted });
    });
    this.web.get('/slow', async (c) => {
      gate.entered.resolve();
      await gate.slow.promise;
      return c.text('in time');
    });
  }
}

async function start(web: object): Promise<{ application: Application; web: WebApp; url: string }> {
  const { logger } = recordingLogger();
  const config = { components: { web: { port: 0, drainDelay: hour, ...web } } };
  const application = await startApplication(Shop, { logger, config, stopTimeout: 0 });
  onTestFinished(async () => {
    const stopped = application.stop();
    vi.advanceTimersByTime(hour);
    await stopped;
  });
  const app = await application.context.getResource(WebApp);
  return { application, web: app, url: String(app.url) };
}

interface Reply {
  readonly status: number | undefined;
  readonly connection: string | undefined;
  readonly reused: boolean;
  readonly body: string;
}

async function ask(url: string, agent: Agent | false = false): Promise<Reply> {
  const outgoing = request(url, { agent }).end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const body = (await response.toArray()).join('');
  const { connection } = response.headers;
  return { status: response.statusCode, connection, reused: outgoing.reusedSocket, body };
}

describe('during the drain delay', () => {
  test('the application is not ready, and the server still accepts connections and opens contexts', async () => {
    const { application, web, url } = await start({});
    expect((await ask(`${url}/readyz`)).status).toBe(200);
    const stopped = application.stop();
    expect(await ask(`${url}/readyz`)).toMatchObject({ status: 503, body: '{"status":"down"}' });
    expect(await ask(`${url}/healthz`)).toMatchObject({ status: 200 });
    expect(await ask(`${url}/visit`)).toMatchObject({ status: 200, body: '{"path":"/visit","aborted":false}' });
    expect([web.url, web.stopping.aborted]).toEqual([url, false]);
    vi.advanceTimersByTime(hour);
    await stopped;
    await expect(ask(`${url}/visit`)).rejects.toThrow('ECONNREFUSED');
  });

  test('a kept connection is announced to end with its next response', async () => {
    const { application, url } = await start({});
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    expect(await ask(`${url}/visit`, agent)).toMatchObject({ connection: 'keep-alive', reused: false });
    const stopped = application.stop();
    expect(await ask(`${url}/visit`, agent)).toMatchObject({ status: 200, connection: 'close', reused: true });
    expect(await ask(`${url}/visit`, agent)).toMatchObject({ status: 200, connection: 'close', reused: false });
    vi.advanceTimersByTime(hour);
    await stopped;
  });

  test('a response that was pending when the stop started announces the end, too', async () => {
    const { application, url } = await start({});
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const pending = ask(`${url}/slow`, agent);
    await gate.entered.promise;
    const stopped = application.stop();
    gate.slow.resolve();
    expect(await pending).toMatchObject({ status: 200, connection: 'close', body: 'in time' });
    vi.advanceTimersByTime(hour);
    await stopped;
  });
});

test('a restart of the server waits, too', async () => {
  const { application, url } = await start({});
  const restarted = application.restart('web');
  expect(await ask(`${url}/readyz`)).toMatchObject({ status: 503 });
  vi.advanceTimersByTime(hour);
  await restarted;
});

test('an application that was never ready stops without a delay', async () => {
  @component({ components: { shop: Shop } })
  class Broken extends Component {
    override ready(): void {
      throw new Error('not today');
    }
  }
  const config = { components: { shop: { components: { web: { port: 0, drainDelay: hour } } } } };
  await expect(startApplication(Broken, { config })).rejects.toThrow('not today');
});
