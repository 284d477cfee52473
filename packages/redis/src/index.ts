export { RedisChannels, type RedisMessage } from './redis-channels.ts';
export { Redis, RedisComponent, RedisLink } from './redis-component.ts';
