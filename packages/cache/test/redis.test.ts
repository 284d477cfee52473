import { Component, component, startApplication } from '@asphalt/core';
import { Redis, RedisComponent } from '@asphalt/redis';
import { recordingLogger } from '@asphalt/test-support';
import { redisServer, unavailable } from '@asphalt/testing/servers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Cache } from '../src/index.ts';
import { RedisCacheComponent } from '../src/redis.ts';
import { describeCache } from '../src/testing/index.ts';

describeCache({
  unavailable: unavailable('redis'),
  component: RedisCacheComponent,
  server: redisServer,
  setup: (url) => ({
    options: { client: 'sessions' },
    others: { 'redis/sessions': RedisComponent },
    configs: { 'redis/sessions': { url, timeout: 300, connect: { minDelay: 20, maxDelay: 100 } } },
  }),
});

describe.skipIf(unavailable('redis'))('a cache in Redis', () => {
  test('logs once that the server has no memory, and does not keep the former value', async () => {
    const server = await redisServer();
    onTestFinished(() => server.stop());
    @component({ components: { redis: RedisComponent, cache: RedisCacheComponent } })
    class App extends Component {}
    const { logger, lines } = recordingLogger();
    const config = { components: { redis: { url: server.url } } } as never;
    const app = await startApplication(App, { config, logger });
    onTestFinished(() => app.stop());
    const cache = app.context.getResourceSync(Cache);
    await cache.set('a', 'former');
    await app.context.getResourceSync(Redis).configSet('maxmemory', '1');
    await cache.set('a', 'new');
    expect(await cache.wrap('a', () => 'loaded')).toBe('loaded');
    expect(await cache.get('a')).toBeUndefined();
    const warnings = lines.filter(({ level }) => level === 'warn');
    expect(warnings.map(({ message }) => message)).toEqual(['The cache refuses to store a value']);
  });
});
