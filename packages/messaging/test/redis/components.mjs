import { RedisComponent } from '@asphalt/redis';
import { RedisMessagingComponent } from '@asphalt/messaging/redis';

export const components = { redis: RedisComponent, messaging: RedisMessagingComponent };
