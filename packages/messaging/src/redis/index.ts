export { RedisMessagingComponent } from './redis-messaging-component.ts';
