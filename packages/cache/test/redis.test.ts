import { RedisComponent } from '@asphalt/redis';
import { redisServer, unavailable } from '@asphalt/testing/servers';
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
