export { NatsComponent, NatsKvComponent } from './nats-component.ts';
export { JetStream, Nats, NatsKv, NatsLink } from './nats.ts';
export type { ConsumerOptions } from './pull-consumer.ts';
export type { Pull, PulledConsumer, PulledMessage, PullOptions } from './pull.ts';
