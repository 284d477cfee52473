export { NatsMessagingComponent } from './nats-messaging-component.ts';
