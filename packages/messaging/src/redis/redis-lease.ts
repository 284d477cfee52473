import type { LeaseStore } from '../engine/engine.ts';
import type { RedisClientType } from '@redis/client';

/** A key that expires with the lease, and a counter of terms. Scripts change both at once. */
export class RedisLease implements LeaseStore {
  readonly #redis: RedisClientType;
  readonly #keys: string[];

  constructor(redis: RedisClientType, prefix: string, name: string) {
    this.#redis = redis;
    this.#keys = [`${prefix}:leader:${name}`, `${prefix}:leader:${name}:terms`];
  }

  async acquire(leaseMs: number): Promise<number | undefined> {
    const token = await this.#eval(acquire, String(leaseMs));
    return token === 0 ? undefined : token;
  }

  async renew(token: number, leaseMs: number): Promise<boolean> {
    return (await this.#eval(renew, String(token), String(leaseMs))) === 1;
  }

  async release(token: number): Promise<void> {
    await this.#eval(release, String(token));
  }

  async #eval(script: string, ...args: string[]): Promise<number> {
    return Number(await this.#redis.eval(script, { keys: this.#keys, arguments: args }));
  }
}

const acquire = `
  if redis.call('exists', KEYS[1]) == 1 then return 0 end
  local token = redis.call('incr', KEYS[2])
  redis.call('set', KEYS[1], token, 'PX', ARGV[1])
  return token`;

const renew = `
  if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
  return redis.call('pexpire', KEYS[1], ARGV[2])`;

const release = `
  if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
  return redis.call('del', KEYS[1])`;
