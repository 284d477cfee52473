import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { Component, component, inject, provides, startApplication, type Application } from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
import { Deferred, type LogLine, recordingLogger } from '@asphalt/test-support';
import { streamSSE } from 'hono/streaming';
import { describe, expect, onTestFinished, test } from 'vitest';

import { ListenError, RequestCutOffError } from '../src/errors.ts';
import { requestContext } from '../src/request/request-scope.ts';
import { WebApp } from '../src/web-app.ts';
import { WebComponent } from '../src/web-component.ts';
import { raw } from './raw-request.ts';

class Visit {
  constructor(readonly path: string) {}
}

const slow = Symbol('slow');

/** An application with a few routes; the class holds the gates that they wait for. */
@component({ components: { web: WebComponent } })
class Site extends Component {
  @inject(WebApp) readonly web!: WebApp;
  urlInStart: string | undefined = 'not started';
  readonly entered = new Deferred();
  readonly [slow] = new Deferred();
  readonly ends: unknown[] = [];

  @provides(Visit, { scope: 'context' })
  visit(@inject(Request) request: Request): Visit {
    return new Visit(new URL(request.url).pathname);
  }

  override start(): void {
    this.urlInStart = this.web.url;
    this.web.get('/visit', async (c) => c.json(await requestContext(c).getResource(Visit)));
    this.web.get('/slow', async (c) => {
      requestContext(c).onTeardown((error) => void this.ends.push(error));
      this.entered.resolve();
      await this[slow].promise;
      return c.text('in time');
    });
    this.web.get('/events', (c) => {
      requestContext(c).onTeardown((error) => void this.ends.push(error));
      return streamSSE(c, async (out) => {
        await out.writeSSE({ data: 'hello' });
        await new Promise<void>((resolve) => out.onAbort(resolve));
      });
    });
  }

  @provides(Site)
  itself(): Site {
    return this;
  }
}

async function start(
  web: object = {},
): Promise<{ app: Application; site: Site; web: WebApp; url: string; lines: LogLine[] }> {
  const { logger, lines } = recordingLogger();
  const app = await startApplication(Site, { logger, config: { components: { web: { port: 0, ...web } } } });
  onTestFinished(() => app.stop());
  const [site, webApp] = [await app.context.getResource(Site), await app.context.getResource(WebApp)];
  return { app, site, web: webApp, url: String(webApp.url), lines };
}

test('listens when the application is ready, and logs where', async () => {
  const { site, web, url, lines } = await start();
  expect(site.urlInStart).toBeUndefined();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(lines.filter(({ level }) => level === 'info').map(({ message }) => message)).toContain(`Listening on ${url}`);
  expect(await (await fetch(`${url}/visit`)).json()).toEqual({ path: '/visit' });
  expect(web.stopping.aborted).toBe(false);
});

test('is reached under a name of this machine when it listens on all addresses', async () => {
  const { url } = await start({ host: '0.0.0.0' });
  expect(url).toMatch(/^http:\/\/localhost:\d+$/);
  expect((await fetch(`${url}/visit`)).status).toBe(200);
});

test('the response to a failing onError is a 500, too', async () => {
  const { web, url, lines } = await start();
  web.onError(() => {
    throw new Error('cannot draw the error page');
  });
  web.notFound(() => {
    throw new Error('cannot draw the page');
  });
  const response = await fetch(`${url}/nowhere?secret=1`);
  expect([response.status, await response.text()]).toEqual([500, 'Internal Server Error']);
  expect(lines.filter(({ level }) => level === 'error')).toMatchObject([
    { message: 'GET /nowhere failed', error: { message: 'cannot draw the error page' } },
  ]);
});

test('options that cannot work are problems of the plan, each with a fix', async () => {
  const problemsOf = async (web: object): Promise<string[]> => {
    const { problems } = await planApplication(Site, { config: { components: { web } } });
    return problems.map(({ message }) => message.replace(/\n {2}from .*|\n {2}code .*/g, ''));
  };
  const cases = [
    { host: '' },
    { host: 'localhost:8000' },
    { host: 'https://example.org/' },
    { host: '[::1]' },
    { host: 'local host' },
    { hosts: [] },
    { hosts: ['example.org', '*.example.org', 'https://example.org', ''] },
    { bodyLimit: 0 },
    { stallTimeout: 0 },
    { headerLimit: 100, headersTimeout: 0, maxConnections: -1 },
    { headersTimeout: '10s', requestTimeout: '5s' },
    { trustProxy: ['10.0.0.0/8', 'proxy.example'] },
    { proxyHeaders: 'forwarded' },
    { socket: '/run/shop.sock', host: 'localhost', port: 80, tls: { cert: '/a', key: '/b' } },
    { tls: { cert: '/a' } },
    { port: 8001, health: { port: 8001 } },
    { health: { ready: 'readyz?x', live: '' } },
    { health: { ready: '/health', live: '/health' } },
    { health: { host: 'localhost' } },
    { health: { host: 'https://localhost', port: 8001 } },
    { health: { ready: '/ä' } },
    { socket: `/run/${'long/'.repeat(20)}.sock` },
    { requestId: 'x request' },
    { requestId: 'Transfer-Encoding' },
    { headersTimeout: '1.0011s', requestTimeout: '5.0001s', idleTimeout: '1.5ms' },
  ];
  const found = [];
  for (const web of cases) found.push(...(await problemsOf(web)));
  expect(found.join('\n')).toMatchInlineSnapshot(`
    "\`component.components.web.host\` must not be empty, got ""
      help         set it to 0.0.0.0 to listen on all addresses
    \`component.components.web.host\` must be only an address or a host name, got "localhost:8000"
      help         set \`host\` to localhost and \`port\` to 8000
    \`component.components.web.host\` must be only an address or a host name, got "https://example.org/"
      help         set \`host\` to example.org
    \`component.components.web.host\` must be only an address or a host name, got "[::1]"
      help         set \`host\` to ::1
    \`component.components.web.host\` must be only an address or a host name, got "local host"
    \`component.components.web.hosts\` must name a host, or not be set, got a list
      help         list the names that clients use, such as example.org
    \`component.components.web.hosts.1\` must be a host name, got "*.example.org"
      help         list each name that clients use
    \`component.components.web.hosts.2\` must be a host name, got "https://example.org"
      help         write a name such as example.org
    \`component.components.web.hosts.3\` must be a host name, got ""
      help         write a name such as example.org
    \`component.components.web.bodyLimit\` must be at least 1 byte, got 0
      help         raise it for single routes with the middleware bodyLimit()
    \`component.components.web.stallTimeout\` must be at least 1 ms, got 0
    \`component.components.web.headerLimit\` must be at least 1KiB, got 100
    \`component.components.web.headersTimeout\` must be at least 1 ms, got 0
      help         without this limit, clients can hold connections for ever
    \`component.components.web.maxConnections\` must be at least 0, got -1
    \`component.components.web.requestTimeout\` must be at least \`headersTimeout\`, got "5s"
      help         the head is part of the request
    \`component.components.web.trustProxy.1\` must be an address, a network such as 10.0.0.0/8, or loopback, got "proxy.example"
    \`component.components.web.proxyHeaders\` needs \`trustProxy\`, got "forwarded"
      help         set \`trustProxy\` to the addresses of the proxies
    \`component.components.web.host\` cannot be used with \`socket\`, got "localhost"
      help         remove one
    \`component.components.web.port\` cannot be used with \`socket\`, got 80
      help         remove one
    \`component.components.web.tls\` cannot be used with \`socket\`, which no other machine reaches
    \`component.components.web.tls.key\` is required
      help         set it in a configuration file, or with --set component.components.web.tls.key=…
    \`component.components.web.health.port\` must differ from \`port\`, got 8001
      help         remove it to share the port
    \`component.components.web.health.ready\` must be a path without a query, got "readyz?x"
      help         set it to /readyz
    \`component.components.web.health.live\` must differ from \`ready\`, got "/health"
    \`component.components.web.health.host\` needs a \`port\` for the endpoints, got "localhost"
      help         set \`health.port\`
    \`component.components.web.health.host\` must be only an address or a host name, got "https://localhost"
      help         set \`host\` to localhost
    \`component.components.web.health.ready\` must consist of ASCII characters, got "/ä"
      help         set it to /%C3%A4
    \`component.components.web.socket\` must be at most 103 bytes long, got "/run/long/long/long/long/long/long/long/long/long/long/long/…"
      help         use another folder
    \`component.components.web.requestId\` must be the name of a header, got "x request"
      help         write a name such as x-request-id
    \`component.components.web.requestId\` must not be a header with another meaning, got "Transfer-Encoding"
      help         write a name such as x-request-id"
  `);
  for (const host of ['localhost', '127.0.0.1', '0.0.0.0', '::', '::1', 'fe80::1%eth0', 'my_host.local'])
    expect(await problemsOf({ host, hosts: ['example.org:8000', '[::1]', 'localhost'] })).toEqual([]);
});

test('a refused host is logged once, with the option that accepts it', async () => {
  const { url, lines } = await start();
  const { port } = new URL(url);
  for (let request = 0; request < 2; request++) {
    expect((await raw(url, `GET /visit HTTP/1.1\r\nHost: example.org:${port}`)).status).toBe(421);
  }
  expect(lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
    `Refused a request for host "example.org:${port}"; to accept it, add it to component.components.web.hosts`,
  ]);
});

test('a drain that exceeds the stop limit is logged, because the application would not wait for it', async () => {
  const warningsOf = async (options: object, web: object): Promise<string[]> => {
    const { logger, lines } = recordingLogger();
    const application = await startApplication(Site, {
      logger,
      config: { components: { web: { port: 0, ...web } } },
      ...options,
    });
    const warnings = lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
    await application.stop();
    return warnings;
  };
  const web = { drainDelay: 1, shutdownTimeout: 9999 };
  expect(await warningsOf({ stopTimeout: 10_000 }, web)).toEqual([
    'drainDelay and shutdownTimeout take up to 10 s, but the stop limit is 10 s; raise stopTimeout',
  ]);
  expect(await warningsOf({ stopTimeout: 10_001 }, web)).toEqual([]);
  expect(await warningsOf({ stopTimeout: 0 }, web)).toEqual([]);
  expect(await warningsOf({ stopTimeout: 10_000 }, { shutdownTimeout: '1h' })).toEqual([]);
});

describe('when the application stops', () => {
  test('event streams end properly and at once', async () => {
    const { app, site, web, url } = await start({ shutdownTimeout: '1h' });
    const response = await fetch(`${url}/events`);
    await app.stop();
    expect(await response.text()).toBe('data: hello\n\n');
    expect(site.ends).toEqual([undefined]);
    expect(web.url).toBeUndefined();
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  test.each(['1h', 0])('a running request may end in time, with the limit %j', async (shutdownTimeout) => {
    const { app, site, web, url } = await start({ shutdownTimeout });
    const pending = fetch(`${url}/slow`);
    await site.entered.promise;
    const stopped = app.stop();
    // Later than a timer of 0 ms.
    web.stopping.addEventListener('abort', () => setTimeout(() => setTimeout(() => site[slow].resolve())));
    expect(await (await pending).text()).toBe('in time');
    await stopped;
    expect(site.ends).toEqual([undefined]);
  });

  test('a request that takes too long is cut off, and its work undone', async () => {
    const { app, site, url, lines } = await start({ shutdownTimeout: '20ms' });
    const pending = fetch(`${url}/slow`);
    pending.catch(() => {});
    await site.entered.promise;
    await app.stop();
    await expect(pending).rejects.toThrow('fetch failed');
    expect(site.ends).toMatchObject([{ code: new RequestCutOffError('GET /slow', 20).code }]);
    expect(lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      'GET /slow was cut off: it did not end within 0.02 s after the server started to stop',
    ]);
  });
});

describe('a port in use', () => {
  test('ends the start with one clear error', async () => {
    const first = await start();
    const { port } = new URL(first.url);
    const second = start({ port: Number(port) });
    const error = listenErrorOf(await second.catch((thrown: unknown) => thrown));
    expect([error.host, error.port]).toEqual(['127.0.0.1', Number(port)]);
    const message = error.message.replace(port, 'PORT').replace(/port=\d+/, 'port=OTHER');
    expect(message).toMatchInlineSnapshot(`
      "Port PORT on 127.0.0.1 is already in use
        help         stop the other program
                     or choose another port: --set component.components.web.port=OTHER
        code         ERR_WEB_LISTEN"
    `);
  });

  test('is reported with another port that is free', async () => {
    const taken = await twoNeighbours();
    const error = listenErrorOf(await start({ port: taken }).catch((thrown: unknown) => thrown));
    const suggested = Number(/port=(\d+)/.exec(error.message)?.[1]);
    expect([taken, taken + 1]).not.toContain(suggested);
    const { url } = await start({ port: suggested });
    expect(new URL(url).port).toBe(String(suggested));
  });
});

/** Occupies two ports, one above the other. @returns the lower one */
async function twoNeighbours(): Promise<number> {
  for (;;) {
    const lower = await listening(0);
    const { port } = lower.address() as AddressInfo;
    const upper = await listening(port + 1).catch(() => undefined);
    if (upper) return port;
  }
}

async function listening(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return server;
}

/** Follows causes to the error of the server. */
function listenErrorOf(error: unknown): ListenError {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof ListenError) return at;
  throw new Error('no ListenError among the causes', { cause: error });
}
