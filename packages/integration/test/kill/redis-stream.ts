/** A queue on a Redis stream with a consumer group. It shows how little a client of a broker needs for `deliveries`. */
import type { RedisClientType } from '@redis/client';
import type { PullClient, Retry } from '../../src/index.ts';

export interface StreamMessage {
  /** The ID of the entry; a retry creates a new entry. */
  readonly entry: string;
  readonly id: string;
  readonly attempt: number;
  readonly payload: string;
}

const group = 'workers';
/** How long a consumer has for a message before another one may take it. */
const leaseMs = 200;

export class RedisStream implements PullClient<StreamMessage, unknown> {
  readonly #redis: RedisClientType;
  readonly #name: string;

  constructor(redis: RedisClientType, name: string) {
    this.#redis = redis;
    this.#name = name;
  }

  async create(): Promise<void> {
    await this.#redis.xGroupCreate(this.#name, group, '0', { MKSTREAM: true }).catch((error: Error) => {
      if (!error.message.startsWith('BUSYGROUP')) throw error;
    });
  }

  send(id: string, value: unknown): Promise<string> {
    return this.#redis.xAdd(this.#name, '*', { id, attempt: '1', payload: JSON.stringify(value) });
  }

  async fetch(count: number): Promise<StreamMessage[]> {
    for (const text of await this.#redis.zRange(this.#delayed, 0, Date.now(), { BY: 'SCORE' })) {
      const [id, attempt, payload] = JSON.parse(text) as [string, string, string];
      await this.#redis.multi().xAdd(this.#name, '*', { id, attempt, payload }).zRem(this.#delayed, text).exec();
    }
    // Messages of consumers that were killed.
    const { messages } = await this.#redis.xAutoClaim(this.#name, group, 'me', leaseMs, '0', { COUNT: count });
    const found = messages.flatMap((message) => message ?? []);
    if (found.length === 0) {
      const key = { key: this.#name, id: '>' };
      const streams = await this.#redis.xReadGroup(group, 'me', key, { COUNT: count, BLOCK: 50 });
      found.push(...((streams as { messages: typeof found }[] | null)?.[0]?.messages ?? []));
    }
    return found.map(({ id: entry, message: { id, attempt, payload } }) => {
      return { entry, id: String(id), attempt: Number(attempt), payload: String(payload) };
    });
  }

  describe({ id, attempt }: StreamMessage): { id: string; attempt: number; headers: {} } {
    return { id, attempt, headers: {} };
  }

  read({ payload }: StreamMessage): unknown {
    return JSON.parse(payload);
  }

  acknowledge({ entry }: StreamMessage): Promise<unknown> {
    return this.#redis.multi().xAck(this.#name, group, entry).xDel(this.#name, entry).exec();
  }

  async retry({ entry, id, attempt, payload }: StreamMessage, { delayMs, counts }: Retry): Promise<void> {
    const value = JSON.stringify([id, String(attempt + (counts ? 1 : 0)), payload]);
    const due = { score: Date.now() + delayMs, value };
    await this.#redis.multi().zAdd(this.#delayed, due).xAck(this.#name, group, entry).xDel(this.#name, entry).exec();
  }

  async bury({ entry, id, payload }: StreamMessage, error: unknown): Promise<void> {
    const letter = { id, payload, error: String(error) };
    await this.#redis
      .multi()
      .xAdd(`${this.#name}.dead`, '*', letter)
      .xAck(this.#name, group, entry)
      .xDel(this.#name, entry)
      .exec();
  }

  get #delayed(): string {
    return `${this.#name}.delayed`;
  }
}
