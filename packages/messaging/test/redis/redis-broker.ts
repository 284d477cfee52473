import { redisServer } from '@asphalt/testing/servers';
import type { TestBroker } from '../../src/testing/index.ts';
import { components } from './components.mjs';

/** A private Redis server. */
export async function redisBroker(): Promise<TestBroker> {
  const server = await redisServer();
  return {
    components,
    config: {
      redis: { url: server.url, timeout: 500, probe: 300, connect: { minDelay: 20, maxDelay: 100 } },
      messaging: { timeout: 1000 },
    },
    engine: 'messaging',
    stop: () => server.stop(),
    server,
  };
}
