/**
 * A stream whose messages remain until `retain`. A key selects one of several parts. Each group has a consumer for each part, which
 * delivers one message at a time to all processes, and one for messages without a key.
 */
import { createHash } from 'node:crypto';
import type { Envelope, MessageStore, TopicStore } from '../engine/engine.ts';
import { storedMessage } from './nats-message.ts';
import type { NatsSettings } from './nats-queue.ts';
import type { NatsServer } from './nats-server.ts';
import { NatsStore, type StoreConsumer } from './nats-store.ts';
import { NatsStream } from './nats-stream.ts';

/** Longest time in which the server recognizes a dead letter that was sent again twice, in milliseconds. */
const longestWindowMs = 120_000;

/** Number of parts. Another number would change the order of stored messages. */
const parts = 16;

export class NatsTopic implements TopicStore {
  readonly #server: NatsServer;
  readonly #prefix: string;
  readonly #name: string;
  readonly #settings: NatsSettings;
  readonly #stream: NatsStream;
  readonly #groups = new Map<string, NatsStore>();

  /** @param prefix - the first part of the names of streams and subjects */
  constructor(server: NatsServer, prefix: string, name: string, settings: NatsSettings) {
    this.#server = server;
    this.#prefix = prefix;
    this.#name = name;
    this.#settings = settings;
    this.#stream = new NatsStream(server, {
      name: `${prefix}-topic-${name}`,
      subjects: [`${this.#subject}.>`],
      max_age: settings.retainMs * 1_000_000,
      duplicate_window: Math.min(longestWindowMs, settings.retainMs) * 1_000_000,
      num_replicas: settings.replicas,
    });
  }

  async publish(envelope: Envelope, key: string | undefined): Promise<void> {
    const part = key === undefined ? '-' : partOf(key);
    await this.#stream.publish(`${this.#subject}.message.${part}`, storedMessage(envelope, key, 0));
  }

  group(name: string, from: 'now' | 'start'): MessageStore {
    const known = this.#groups.get(name);
    if (known) return known;
    const group = this.#createGroup(name, from);
    this.#groups.set(name, group);
    // If this fails, the first fetch tries again.
    group.prepare().catch(() => undefined);
    return group;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#groups.values()].map((group) => group.close()));
  }

  get #subject(): string {
    return `${this.#prefix}.topic.${this.#name}`;
  }

  #createGroup(name: string, from: 'now' | 'start'): NatsStore {
    const { leaseMs, replicas } = this.#settings;
    const revived = `${this.#subject}.revived.${name}`;
    const message = `${this.#subject}.message`;
    // A plus is in no name of a group.
    const ordered = Array.from({ length: parts }, (_, part): StoreConsumer => {
      return { name: `${name}+${part}`, subject: `${message}.${part}`, inOrder: true };
    });
    return new NatsStore(this.#server, {
      stream: this.#stream,
      consumers: [
        { name, subject: `${message}.-`, inOrder: false },
        { name: `${name}+revived`, subject: revived, inOrder: false },
        ...ordered,
      ],
      // The server compares the time with its own clock. Creating the consumers takes a while.
      since: from === 'now' ? new Date() : undefined,
      notes: `${this.#subject}.note`,
      revived,
      dead: {
        stream: `${this.#prefix}-dead-topic-${this.#name}+${name}`,
        subject: `${this.#prefix}.dead.topic.${this.#name}.${name}`,
      },
      leaseMs,
      replicas,
    });
  }
}

function partOf(key: string): number {
  return createHash('sha256').update(key).digest().readUInt32BE() % parts;
}
