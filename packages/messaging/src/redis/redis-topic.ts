/**
 * A topic in a Redis stream. Each group notes its position and its unsettled entries, so that members share them, and entries
 * with the same key stay in order. The scripts in `topic-scripts.ts` do all changes.
 */
import { randomUUID } from 'node:crypto';
import { pause, type Retry } from '@asphalt/integration';
import type { RedisChannels } from '@asphalt/redis';
import type { RedisClientType } from '@redis/client';
import { readEnvelope, writeEnvelope, type StoredEnvelope } from '../engine/envelope-text.ts';
import type {
  Claimed,
  DeadEnvelope,
  Envelope,
  Failure,
  MessageStore,
  QueueState,
  StoreSettings,
  TopicStore,
} from '../engine/engine.ts';
import * as scripts from './topic-scripts.ts';

/** Longest time after which a member notices a retry of another one, in milliseconds. */
const pollMs = 250;

export class RedisTopic implements TopicStore {
  readonly #redis: RedisClientType;
  readonly #channels: RedisChannels;
  readonly #stream: string;
  readonly #settings: StoreSettings;
  readonly #groups = new Map<string, RedisGroup>();
  readonly #subscriptions: { unsubscribe(): void }[] = [];

  /** @param stream - the key of the stream; those of groups start with it */
  constructor(redis: RedisClientType, channels: RedisChannels, stream: string, settings: StoreSettings) {
    this.#redis = redis;
    this.#channels = channels;
    this.#stream = stream;
    this.#settings = settings;
  }

  async publish(envelope: Envelope, key = ''): Promise<void> {
    const data = JSON.stringify(writeEnvelope(envelope));
    const args = [key, data, String(this.#settings.retainMs)];
    await this.#redis.eval(scripts.publish, { keys: [this.#stream], arguments: args });
  }

  group(name: string, from: 'now' | 'start'): MessageStore {
    let group = this.#groups.get(name);
    if (!group) {
      group = new RedisGroup(this.#redis, this.#stream, name, from, this.#settings);
      this.#groups.set(name, group);
      this.#subscriptions.push(this.#channels.channel(this.#stream).subscribe(group.wake));
    }
    return group;
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }
}

interface RedisMessage extends Claimed {
  readonly entry: string;
  readonly token: string;
}

interface DeadData extends StoredEnvelope, Failure {
  readonly attempts: number;
  readonly failedAt: number;
}

class RedisGroup implements MessageStore<RedisMessage> {
  readonly #redis: RedisClientType;
  readonly #keys: string[];
  readonly #leaseMs: number;
  readonly #created: Promise<unknown>;
  #wake = new AbortController();

  constructor(redis: RedisClientType, stream: string, name: string, from: string, { leaseMs }: StoreSettings) {
    this.#redis = redis;
    const parts = ['group', 'due', 'claims', 'behind', 'dead'];
    this.#keys = [stream, ...parts.map((part) => `${stream}:${name}:${part}`)];
    this.#leaseMs = leaseMs;
    this.#created = this.#run(scripts.createGroup, from);
    this.#created.catch(() => undefined);
  }

  /** Wakes a waiting `fetch`. */
  readonly wake = (): void => {
    this.#wake.abort();
    this.#wake = new AbortController();
  };

  async fetch(count: number, abort: AbortSignal): Promise<readonly RedisMessage[]> {
    await this.#created;
    const woken = this.#wake.signal;
    const token = randomUUID();
    const claimed = (await this.#run(scripts.claim, count, this.#leaseMs, token)) as [string, string, string][];
    if (claimed.length === 0) await pause(pollMs, AbortSignal.any([abort, woken])).catch(() => undefined);
    return claimed.map(([entry, attempt, data]) => {
      const envelope = readEnvelope(JSON.parse(data) as StoredEnvelope);
      return { ...envelope, entry, token, attempt: Number(attempt) };
    });
  }

  async acknowledge({ entry, token }: RedisMessage): Promise<void> {
    await this.#run(scripts.acknowledge, entry, token);
    this.wake();
  }

  async retry({ entry, token, attempt }: RedisMessage, { delayMs, counts }: Retry): Promise<void> {
    await this.#run(scripts.retry, entry, token, delayMs, counts ? attempt : attempt - 1);
    this.wake();
  }

  async bury(message: RedisMessage, failure: Failure): Promise<void> {
    const { entry, token, attempt: attempts } = message;
    const letter: DeadData = { ...writeEnvelope(message), ...failure, attempts, failedAt: Date.now() };
    await this.#run(scripts.bury, entry, token, JSON.stringify(letter));
    this.wake();
  }

  async renew({ entry, token }: RedisMessage): Promise<void> {
    await this.#run(scripts.renew, entry, token, this.#leaseMs);
  }

  async state(): Promise<QueueState> {
    await this.#created;
    const numbers = (await this.#run(scripts.state)) as [number, number, number, number, number];
    const [ready, delayed, running, dead, oldest] = numbers;
    return { ready, delayed, running, dead, oldestMs: oldest < 0 ? undefined : oldest };
  }

  async deadLetters(limit: number): Promise<readonly DeadEnvelope[]> {
    const letters = await this.#letters();
    return letters.slice(0, limit).map(([, { attempts, failedAt, reason, code, ...stored }]) => ({
      ...readEnvelope(stored),
      reason,
      code,
      attempts,
      failedAt: new Date(failedAt),
    }));
  }

  async revive(ids?: readonly string[]): Promise<number> {
    const wanted = ids && new Set(ids);
    const letters = (await this.#letters()).filter(([, { id }]) => !wanted || wanted.has(id));
    const revived = Number(await this.#run(scripts.revive, ...letters.map(([entry]) => entry)));
    this.wake();
    return revived;
  }

  /** Returns the dead letters with their entries, the oldest failure first. */
  async #letters(): Promise<readonly (readonly [string, DeadData])[]> {
    const letters = Object.entries(await this.#redis.hGetAll(this.#keys[5]!));
    return letters
      .map(([entry, text]) => [entry, JSON.parse(text) as DeadData] as const)
      .sort(([, a], [, b]) => a.failedAt - b.failedAt);
  }

  #run(script: string, ...args: readonly (string | number)[]): Promise<unknown> {
    return this.#redis.eval(script, { keys: this.#keys, arguments: args.map(String) });
  }
}
