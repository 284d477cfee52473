export { Cache, type CacheSettings, type CacheStore, type CacheTimes } from './cache.ts';
export { CacheComponent } from './memory.ts';
export { cacheOptions, type CacheConfig } from './options.ts';
