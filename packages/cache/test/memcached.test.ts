import { memcachedServer, unavailable } from '@asphalt/testing/servers';
import { MemcachedCacheComponent } from '../src/memcached.ts';
import { describeCache } from '../src/testing/index.ts';

describeCache({
  unavailable: unavailable('memcached'),
  component: MemcachedCacheComponent,
  server: memcachedServer,
  setup: (url) => ({ options: { servers: [new URL(url).host] } }),
});
