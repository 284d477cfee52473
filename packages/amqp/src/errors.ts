import { AsphaltError } from '@asphalt/core';

/** Thrown when the broker has no queue for a message. */
export class AmqpUnroutableError extends AsphaltError {
  readonly code = 'ERR_AMQP_UNROUTABLE';

  constructor(
    /** The exchange; empty for the default one, whose routing keys are names of queues. */
    readonly exchange: string,
    readonly routingKey: string,
  ) {
    super({
      summary: `No queue receives messages of "${exchange}" with the routing key "${routingKey}"`,
      help: 'declare the queue in `queues`, or bind one in `bindings`',
    });
  }
}
