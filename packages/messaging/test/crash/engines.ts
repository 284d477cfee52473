/** The engines with a leader across processes, for programs that run without vitest. */
import { natsServer, postgresServer, redisServer, type TestServer } from '@asphalt/testing/servers';
import type { LeaderJob } from './leader-process.ts';

export interface CrashEngine {
  readonly name: string;
  /** The component modules, beside the contract tests. */
  readonly components: string;
  readonly server: () => Promise<TestServer>;
  readonly config: (url: string) => LeaderJob['config'];
}

const connect = { minDelay: 20, maxDelay: 100 };

export const engines: readonly CrashEngine[] = [
  {
    name: 'nats',
    components: new URL('../nats/components.mjs', import.meta.url).href,
    server: natsServer,
    config: (url) => ({ nats: { url, connect }, messaging: {} }),
  },
  {
    name: 'redis',
    components: new URL('../redis/components.mjs', import.meta.url).href,
    server: redisServer,
    config: (url) => ({ redis: { url, connect }, messaging: {} }),
  },
  {
    name: 'postgres',
    components: new URL('../postgres/components.mjs', import.meta.url).href,
    server: postgresServer,
    config: (url) => ({ messaging: { url, connect } }),
  },
];
