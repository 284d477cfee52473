export { AmqpComponent } from './amqp-component.ts';
export { Amqp, AmqpLink, AmqpPublisher } from './amqp.ts';
export { AmqpUnroutableError } from './errors.ts';
export type { ConsumerOptions } from './queue-consumer.ts';
