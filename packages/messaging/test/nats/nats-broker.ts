import { natsServer } from '@asphalt/testing/servers';
import type { TestBroker } from '../../src/testing/index.ts';
import { components } from './components.mjs';

/** A private NATS server with JetStream. */
export async function natsBroker(): Promise<TestBroker> {
  const server = await natsServer();
  return {
    components,
    config: {
      nats: { url: server.url, timeout: 500, probe: 300, connect: { minDelay: 20, maxDelay: 100 } },
      messaging: {},
    },
    engine: 'messaging',
    stop: () => server.stop(),
    server,
  };
}
