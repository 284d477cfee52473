import { RedisComponent } from '@asphalt/redis';
import { redisServer } from '@asphalt/testing/servers';
import { RedisMessagingComponent } from '../../src/redis/index.ts';
import type { TestBroker } from '../../src/testing/index.ts';

/** A private Redis server. */
export async function redisBroker(): Promise<TestBroker> {
  const server = await redisServer();
  return {
    components: { redis: RedisComponent, messaging: RedisMessagingComponent },
    config: {
      redis: { url: server.url, timeout: 500, probe: 300, connect: { minDelay: 20, maxDelay: 100 } },
      messaging: { timeout: 1000 },
    },
    engine: 'messaging',
    stop: () => server.stop(),
    server,
  };
}
