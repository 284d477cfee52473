/** A cache in Redis, which uses the client of `@asphalt/redis`. */
import { Component, component, defineConfig, fromConfig, health, inject, provides } from '@asphalt/core';
import { Serializer } from '@asphalt/integration';
import { Redis } from '@asphalt/redis';
import { Cache } from './cache.ts';
import { cacheOptions } from './options.ts';

const options = defineConfig({
  ...cacheOptions,
  client: { doc: 'Name of the Redis client', format: 'name', default: 'default' },
});

/** The type `$` of the protocol of Redis, which its client names `BLOB_STRING`. */
const blobString = 36;
/** An error that the server has sent starts with a word in capitals, such as `OOM`. */
const errorReply = /^[A-Z]{2,} /;

@component({ config: options, description: 'A cache in Redis' })
export class RedisCacheComponent extends Component<typeof options> {
  @provides(Cache)
  async *cache(
    @inject(Redis, fromConfig('client')) redis: Redis,
    @inject(Serializer, { optional: true }) serializer?: Serializer,
  ): AsyncGenerator<Cache, void, unknown> {
    const bytes = redis.withTypeMapping({ [blobString]: Buffer });
    const store = {
      get: async (key: string) => (await bytes.get(key)) ?? undefined,
      set: async (key: string, entry: Buffer, lifetimeMs: number) => {
        const value = Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(lifetimeMs));
        try {
          await redis.set(key, entry, { expiration: { type: 'PX', value } });
          return undefined;
        } catch (error) {
          const { message } = error as Error;
          if (!errorReply.test(message)) throw error;
          return message;
        }
      },
      delete: (key: string) => redis.del(key),
    };
    yield* Cache.hold(store, this, serializer);
  }

  @health({ critical: false })
  async reachable(@inject(Cache) cache: Cache): Promise<void> {
    await cache.check();
  }
}
