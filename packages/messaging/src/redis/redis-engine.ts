import type { Redis, RedisChannels } from '@asphalt/redis';
import { BullQueue, type BullFactory } from '../bullmq/bull-queue.ts';
import type { Engine, LeaseStore, QueueStore, StoreSettings, TopicStore } from '../engine/engine.ts';
import { RedisLease } from './redis-lease.ts';
import { RedisTopic } from './redis-topic.ts';

/** BullMQ on Redis, with topics and leases of its own. */
export class RedisEngine implements Engine {
  readonly name = 'redis';
  readonly #redis: Redis;
  readonly #channels: RedisChannels;
  readonly #prefix: string;
  readonly #factory: BullFactory;
  readonly #queues = new Map<string, BullQueue>();
  readonly #topics = new Map<string, RedisTopic>();

  constructor(redis: Redis, channels: RedisChannels, prefix: string, factory: BullFactory) {
    this.#redis = redis;
    this.#channels = channels;
    this.#prefix = prefix;
    this.#factory = factory;
  }

  queue(name: string, settings: StoreSettings): QueueStore {
    let queue = this.#queues.get(name);
    if (!queue) this.#queues.set(name, (queue = new BullQueue(this.#factory, name, settings)));
    return queue;
  }

  topic(name: string, settings: StoreSettings): TopicStore {
    const stream = `${this.#prefix}:topic:${name}`;
    let topic = this.#topics.get(name);
    if (!topic) this.#topics.set(name, (topic = new RedisTopic(this.#redis, this.#channels, stream, settings)));
    return topic;
  }

  lease(name: string): LeaseStore {
    return new RedisLease(this.#redis, this.#prefix, name);
  }

  async names(): Promise<readonly string[]> {
    // BullMQ stores the settings of each queue.
    const queues = await this.#parts(`${this.#prefix}:`, ':meta');
    const groups = await this.#parts(`${this.#prefix}:topic:`, ':group');
    return [...queues, ...groups.map((group) => group.replace(':', '.'))];
  }

  /** Returns the middle parts of the keys with a start and an end. */
  async #parts(start: string, end: string): Promise<string[]> {
    const found: string[] = [];
    for await (const keys of this.#redis.scanIterator({ MATCH: `${escaped(start)}*${end}`, COUNT: 1000 })) {
      found.push(...keys.map((key) => key.slice(start.length, -end.length)));
    }
    return found;
  }

  async close(): Promise<void> {
    for (const topic of this.#topics.values()) topic.close();
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }
}

/** Escapes the special characters of a pattern. */
function escaped(text: string): string {
  return text.replaceAll(/[*?[\]\\]/g, '\\$&');
}
