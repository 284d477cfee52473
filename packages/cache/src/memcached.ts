/** A cache in memcached. */
import { createHash } from 'node:crypto';
import { Component, component, defineConfig, health, inject, listOf, provides } from '@asphalt/core';
import { Serializer } from '@asphalt/integration';
import { Cache } from './cache.ts';
import { cacheOptions } from './options.ts';

const options = defineConfig({
  ...cacheOptions,
  servers: {
    doc: 'Servers that share the keys, as host:port',
    format: listOf('string'),
    default: ['localhost:11211'],
    env: 'MEMCACHED_SERVERS',
  },
});

/** The longest key in bytes. */
const longestKey = 250;
/** The longest lifetime in seconds; the server takes a larger number for a date. */
const longestLifetime = 30 * 24 * 3600;

@component({ config: options, description: 'A cache in memcached' })
export class MemcachedCacheComponent extends Component<typeof options> {
  @provides(Cache)
  async *cache(@inject(Serializer, { optional: true }) serializer?: Serializer): AsyncGenerator<Cache, void, unknown> {
    const { Client } = await import('memjs');
    const { servers, timeout } = this.config;
    const client = Client.create(servers.join(','), {
      timeout: timeout / 1000,
      conntimeout: timeout / 1000,
      retries: 1,
      // The cache reports failures itself, and the driver writes to the console.
      logger: { log: () => undefined },
    });
    const store = {
      get: async (key: string) => (await client.get(keyOf(key))).value ?? undefined,
      set: (key: string, entry: Buffer, lifetimeMs: number) =>
        client.set(keyOf(key), entry, {
          expires: Math.min(longestLifetime, Math.ceil(lifetimeMs / 1000)),
        }),
      delete: (key: string) => client.delete(keyOf(key)),
    };
    yield* Cache.hold(store, this, serializer);
    client.close();
  }

  @health({ critical: false })
  async reachable(@inject(Cache) cache: Cache): Promise<void> {
    await cache.check();
  }
}

/** Returns a key that the server accepts. */
function keyOf(key: string): string {
  return Buffer.byteLength(key) <= longestKey ? key : createHash('sha256').update(key).digest('hex');
}
