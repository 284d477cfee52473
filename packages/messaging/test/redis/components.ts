import { RedisComponent } from '@asphalt/redis';
import { RedisMessagingComponent } from '../../src/redis/index.ts';

export const components = { redis: RedisComponent, messaging: RedisMessagingComponent };
