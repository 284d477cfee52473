import type { Engine, LeaseStore, QueueStore, StoreSettings, TopicStore } from '../engine/engine.ts';
import { NatsLease } from './nats-lease.ts';
import { NatsQueue } from './nats-queue.ts';
import type { NatsServer } from './nats-server.ts';
import { NatsTopic } from './nats-topic.ts';

export interface NatsEngineOptions {
  /** The first part of the names of streams and subjects. */
  readonly prefix: string;
  /** Number of copies of a stream in a cluster. */
  readonly replicas: number;
}

/** Streams of JetStream, whose consumers all processes share. */
export class NatsEngine implements Engine {
  readonly name = 'nats';
  /** Servers refuse a shorter time for a message. */
  readonly shortestLeaseMs = 100;
  readonly #server: NatsServer;
  readonly #options: NatsEngineOptions;
  readonly #queues = new Map<string, NatsQueue>();
  readonly #topics = new Map<string, NatsTopic>();

  constructor(server: NatsServer, options: NatsEngineOptions) {
    this.#server = server;
    this.#options = options;
  }

  queue(name: string, settings: StoreSettings): QueueStore {
    const { prefix, replicas } = this.#options;
    let queue = this.#queues.get(name);
    if (!queue) this.#queues.set(name, (queue = new NatsQueue(this.#server, prefix, name, { ...settings, replicas })));
    return queue;
  }

  topic(name: string, settings: StoreSettings): TopicStore {
    const { prefix, replicas } = this.#options;
    let topic = this.#topics.get(name);
    if (!topic) this.#topics.set(name, (topic = new NatsTopic(this.#server, prefix, name, { ...settings, replicas })));
    return topic;
  }

  lease(name: string): LeaseStore {
    const { prefix, replicas } = this.#options;
    return new NatsLease(this.#server, prefix, name, replicas);
  }

  async names(): Promise<readonly string[]> {
    const { streams, consumers } = await this.#server.manager();
    const found: string[] = [];
    for await (const stream of streams.names()) {
      const queue = this.#nameIn(stream, 'queue');
      if (queue !== undefined) found.push(queue);
      const topic = this.#nameIn(stream, 'topic');
      if (topic === undefined) continue;
      for await (const { name } of consumers.list(stream)) if (!name.includes('+')) found.push(`${topic}.${name}`);
    }
    return found;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values(), ...this.#topics.values()].map((each) => each.close()));
  }

  #nameIn(stream: string, kind: 'queue' | 'topic'): string | undefined {
    const start = `${this.#options.prefix}-${kind}-`;
    return stream.startsWith(start) ? stream.slice(start.length) : undefined;
  }
}
