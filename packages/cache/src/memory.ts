/** A cache in the memory of the process. */
import { Component, component, defineConfig, inject, provides } from '@asphalt/core';
import { Serializer } from '@asphalt/integration';
import { Cache } from './cache.ts';
import { cacheOptions } from './options.ts';

const options = defineConfig(
  {
    ...cacheOptions,
    maxSize: {
      doc: 'Memory for keys and values; the least recently used ones leave',
      format: 'bytes',
      default: '64MB',
    },
  },
  function* check({ maxSize }) {
    if (maxSize < 1) yield { option: 'maxSize', message: 'must be at least 1 byte' };
  },
);

@component({ config: options, description: 'A cache in memory' })
export class CacheComponent extends Component<typeof options> {
  @provides(Cache)
  async *cache(@inject(Serializer, { optional: true }) serializer?: Serializer): AsyncGenerator<Cache, void, unknown> {
    const { LRUCache } = await import('lru-cache');
    const entries = new LRUCache<string, Uint8Array>({
      maxSize: this.config.maxSize,
      sizeCalculation: (entry, key) => entry.byteLength + 2 * key.length,
    });
    const store = {
      get: async (key: string) => entries.get(key),
      set: async (key: string, entry: Uint8Array) => void entries.set(key, entry),
      delete: async (key: string) => entries.delete(key),
    };
    yield* Cache.hold(store, this, serializer);
  }
}
