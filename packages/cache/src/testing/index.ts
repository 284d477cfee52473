export { describeCache, type CacheContract, type CacheServer } from './describe-cache.ts';
