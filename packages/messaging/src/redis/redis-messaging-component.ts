import { component, defineConfig, fromConfig, inject } from '@asphalt/core';
import { Redis, RedisChannels } from '@asphalt/redis';
import { loadBullmq } from '../bullmq/load.ts';
import { EngineComponent } from '../engine-component.ts';
import type { Engine } from '../engine/engine.ts';
import { messagingOptions } from '../options.ts';
import { RedisEngine } from './redis-engine.ts';

export const redisMessagingOptions = defineConfig({
  ...messagingOptions,
  retain: { ...messagingOptions.retain, default: '7d' },
  client: { doc: 'Name of the `Redis` that it uses', format: 'name', default: 'default' },
  prefix: { doc: 'Text before the keys of the server', format: 'string', default: 'asphalt' },
  timeout: { doc: 'Time limit for one call', format: 'duration', default: '5s' },
});

/** Queues, leaders and schedules on a Redis server. Queues are those of BullMQ, whose tools can show them. */
@component({ config: redisMessagingOptions, description: 'Queues, topics, leaders and schedules on Redis' })
export class RedisMessagingComponent extends EngineComponent<typeof redisMessagingOptions> {
  @inject(Redis, fromConfig('client')) readonly redis!: Redis;
  @inject(RedisChannels, fromConfig('client')) readonly channels!: RedisChannels;

  protected override async *open(): AsyncGenerator<Engine, void, unknown> {
    const { redis } = this;
    const { prefix, timeout: timeoutMs } = this.config;
    const { createNodeRedisClient, Job, Queue, Worker } = await loadBullmq();
    const connection = createNodeRedisClient(redis as never);
    // Callers of the adapter receive the same errors.
    connection.on('error', () => undefined);
    const engine = new RedisEngine(redis, this.channels, prefix, {
      queue: (name, options) => new Queue(name, { ...options, connection, prefix }),
      worker: (name, options) => new Worker(name, null, { ...options, connection, prefix }),
      job: (worker, data, id) => Job.fromJSON(worker as never, data, id),
      prepare: async () => undefined,
      timeoutMs,
    });
    yield engine;
    await engine.close();
  }
}
