import { component, defineConfig, fromConfig, inject } from '@asphalt/core';
import { Redis } from '@asphalt/redis';
import { BullQueue, type BullFactory } from '../bullmq/bull-queue.ts';
import { loadBullmq } from '../bullmq/load.ts';
import { EngineComponent } from '../engine-component.ts';
import type { Engine, LeaseStore, QueueStore, StoreSettings } from '../engine/engine.ts';
import { messagingOptions } from '../options.ts';
import { RedisLease } from './redis-lease.ts';

export const redisMessagingOptions = defineConfig({
  ...messagingOptions,
  client: { doc: 'Name of the `Redis` that it uses', format: 'name', default: 'default' },
  prefix: { doc: 'Text before the keys of the server', format: 'string', default: 'asphalt' },
  timeout: { doc: 'Time limit for one call', format: 'duration', default: '5s' },
});

/** Queues, leaders and schedules on a Redis server. Queues are those of BullMQ, whose tools can show them. */
@component({ config: redisMessagingOptions, description: 'Queues, topics, leaders and schedules on Redis' })
export class RedisMessagingComponent extends EngineComponent<typeof redisMessagingOptions> {
  @inject(Redis, fromConfig('client')) readonly redis!: Redis;

  protected override async *open(): AsyncGenerator<Engine, void, unknown> {
    const { redis } = this;
    const { prefix, timeout: timeoutMs } = this.config;
    const { createNodeRedisClient, Queue, Worker } = await loadBullmq();
    const connection = createNodeRedisClient(redis as never);
    // Callers of the adapter receive the same errors.
    connection.on('error', () => undefined);
    const engine = new RedisEngine(redis, prefix, {
      queue: (name, options) => new Queue(name, { ...options, connection, prefix }),
      worker: (name, options) => new Worker(name, null, { ...options, connection, prefix }),
      timeoutMs,
    });
    yield engine;
    await engine.close();
  }
}

class RedisEngine implements Engine {
  readonly name = 'redis';
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #factory: BullFactory;
  readonly #queues = new Map<string, BullQueue>();

  constructor(redis: Redis, prefix: string, factory: BullFactory) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#factory = factory;
  }

  queue(name: string, settings: StoreSettings): QueueStore {
    let queue = this.#queues.get(name);
    if (!queue) this.#queues.set(name, (queue = new BullQueue(this.#factory, name, settings)));
    return queue;
  }

  lease(name: string): LeaseStore {
    return new RedisLease(this.#redis, this.#prefix, name);
  }

  async names(): Promise<readonly string[]> {
    // BullMQ stores the settings of each queue.
    const [start, end] = [`${this.#prefix}:`, ':meta'];
    const found: string[] = [];
    for await (const keys of this.#redis.scanIterator({ MATCH: `${escaped(start)}*${end}`, COUNT: 1000 })) {
      found.push(...keys.map((key) => key.slice(start.length, -end.length)));
    }
    return found;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }
}

/** Escapes the special characters of a pattern. */
function escaped(text: string): string {
  return text.replaceAll(/[*?[\]\\]/g, '\\$&');
}
