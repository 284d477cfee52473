import { createServer, type AddressInfo, type Socket } from 'node:net';
import { startApplication } from '@asphalt/core';
import { problemOf, recordingLogger } from '@asphalt/test-support';
import { memcachedServer, unavailable, type TestServer } from '@asphalt/testing/servers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Cache } from '../src/index.ts';
import { MemcachedCacheComponent } from '../src/memcached.ts';
import { describeCache } from '../src/testing/index.ts';

const missing = unavailable('memcached');

describeCache({
  unavailable: missing,
  component: MemcachedCacheComponent,
  server: memcachedServer,
  setup: (url) => ({ options: { servers: [new URL(url).host] } }),
});

async function startServer(): Promise<TestServer> {
  const server = await memcachedServer();
  onTestFinished(() => server.stop());
  return server;
}

/** Starts a cache, which the end of the test stops. */
async function startCache(servers: readonly { readonly url: string }[]) {
  const { logger, lines } = recordingLogger();
  const hosts = servers.map(({ url }) => new URL(url).host);
  const app = await startApplication(MemcachedCacheComponent, { config: { servers: hosts, timeout: 300 }, logger });
  onTestFinished(() => app.stop());
  return { app, hosts, cache: app.context.getResourceSync(Cache), texts: () => lines.map(({ message }) => message) };
}

describe.skipIf(missing)(`${missing || 'a cache in memcached'}`, () => {
  test('logs that the server refuses a value once, and does not keep the former one', async () => {
    const { cache, texts } = await startCache([await startServer()]);
    await cache.set('a', 'former');
    for (const key of ['a', 'b']) await cache.set(key, 'x'.repeat(2_000_000));
    expect([await cache.get('a'), await cache.get('b')]).toEqual([undefined, undefined]);
    await cache.set('a', 'x'.repeat(900_000));
    expect(await cache.get('a')).toHaveLength(900_000);
    expect(texts()).toEqual(['The cache refuses to store a value']);
  });

  test('reports the one of its servers that is away once, and uses the others', async () => {
    const servers = [await startServer(), await startServer()];
    const { cache, hosts, texts } = await startCache(servers);
    const keys = Array.from({ length: 20 }, (_, number) => String(number));
    for (const key of keys) await cache.set(key, key);
    await servers[0]!.kill();
    for (const key of [...keys, ...keys]) expect(await cache.wrap(key, () => key)).toBe(key);
    const kept = (await Promise.all(keys.map((key) => cache.get(key)))).filter((value) => value !== undefined);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(20);
    expect(texts()).toEqual([`The cache at ${hosts[0]} is not available, so values are loaded each time`]);
  });

  test('leaves no connection open when it stops while its server does not respond', async () => {
    const accepted: Socket[] = [];
    const server = createServer({ allowHalfOpen: true }, (socket) => void accepted.push(socket.resume()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
      for (const socket of accepted) socket.destroy();
    });
    const { port } = server.address() as AddressInfo;
    const { app, cache } = await startCache([{ url: `memcached://127.0.0.1:${port}` }]);
    await Promise.all([cache.get('a'), cache.set('a', 1), cache.get('a')]);
    await cache.get('a');
    await app.stop();
    const ofClient = () =>
      process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length -
      accepted.filter(({ destroyed }) => !destroyed).length;
    await vi.waitFor(() => expect(ofClient()).toBe(0));
    expect(accepted.length).toBeGreaterThan(1);
  });

  test('servers that are not host:port are a problem of the plan', async () => {
    expect(await problemOf(MemcachedCacheComponent, { servers: [] } as never)).toContain('at least one server');
    expect(await problemOf(MemcachedCacheComponent, { servers: ['a:b'] } as never)).toContain('contains "a:b"');
  });
});
