import { defineConfig, listOf, mapOf, type ConfigOf } from '@asphalt/core';
import { endpointFaults, serverOptions } from '@asphalt/integration';

export const server = { scheme: 'amqp', port: 5672, env: 'AMQP' } as const;

const durable = { doc: 'Whether it survives a restart of the broker', format: 'boolean', default: true } as const;

const exchange = defineConfig({
  routing: { doc: 'How it routes messages', format: ['direct', 'fanout', 'topic', 'headers'], default: 'topic' },
  durable,
});

const queue = defineConfig({
  durable,
  arguments: { doc: 'Arguments as in AMQP, such as x-queue-type', format: 'object', default: {} },
  deadLetter: { doc: 'Queue of the messages that failed, which is declared too', format: 'string' },
});

const binding = defineConfig({
  exchange: { doc: 'Exchange whose messages the queue receives', format: 'string', required: true },
  queue: { doc: 'The queue', format: 'string', required: true },
  routingKey: { doc: 'Routing key or pattern of the messages', format: 'string', default: '' },
});

export const options = defineConfig(
  {
    ...serverOptions(server),
    vhost: { doc: 'Virtual host; by default that of `url`, or /', format: 'string' },
    heartbeat: { doc: 'Time after which a silent connection is replaced', format: 'duration', default: '10s' },
    prefetch: {
      doc: 'Most unacknowledged messages of a handler, at least its concurrency',
      format: 'int',
      default: 20,
    },
    exchanges: { doc: 'Exchanges to declare, by name', format: mapOf(exchange), default: {} },
    queues: { doc: 'Queues to declare, by name', format: mapOf(queue), default: {} },
    bindings: { doc: 'Bindings of queues to exchanges', format: listOf(binding), default: [] },
  },
  function* check(config) {
    yield* endpointFaults(server)(config);
    const hasPath = /^amqps?:\/\/[^/?#]*\/[^?#]/.test(config.url ?? '');
    if (hasPath && config.vhost !== undefined)
      yield { option: 'vhost', message: 'must not be set together with a `url` that contains it' };
  },
);

export type AmqpConfig = ConfigOf<typeof options>;
