/** A cache in memcached. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Component, component, defineConfig, health, inject, listOf, provides } from '@asphalt/core';
import { Serializer } from '@asphalt/integration';
import { Cache } from './cache.ts';
import { MemcachedConnection } from './memcached-connection.ts';
import { cacheOptions } from './options.ts';

const options = defineConfig(
  {
    ...cacheOptions,
    servers: {
      doc: 'Servers that share the keys, as host:port',
      format: listOf('string'),
      default: ['localhost:11211'],
      env: 'MEMCACHED_SERVERS',
    },
  },
  function* check({ servers }) {
    if (servers.length === 0) yield { option: 'servers', message: 'must contain at least one server' };
    const wrong = servers.find((server) => !URL.canParse(`memcached://${server}`));
    if (wrong !== undefined) yield { option: 'servers', message: `contains "${wrong}", which is not host:port` };
  },
);

/** The longest lifetime in seconds; the server takes a larger number for a date. */
const longestLifetime = 30 * 24 * 3600;

@component({ config: options, description: 'A cache in memcached' })
export class MemcachedCacheComponent extends Component<typeof options> {
  @provides(Cache)
  async *cache(@inject(Serializer, { optional: true }) serializer?: Serializer): AsyncGenerator<Cache, void, unknown> {
    const { servers, timeout } = this.config;
    const connections = servers.map((server) => new MemcachedConnection(server, timeout));
    const indexOf = (key: string): number => crc32(key) % servers.length;
    const connectionOf = (key: string): MemcachedConnection => connections[indexOf(key)]!;
    const store = {
      server: (key: string) => servers[indexOf(key)]!,
      get: async (key: string) => {
        const { line, value } = await connectionOf(key).send(`get ${keyOf(key)}`);
        if (!value && line !== 'END') throw new Error(line);
        return value;
      },
      set: async (key: string, entry: Buffer, lifetimeMs: number) => {
        const seconds = Math.min(longestLifetime, Math.ceil(lifetimeMs / 1000));
        const { line } = await connectionOf(key).send(`set ${keyOf(key)} 0 ${seconds} ${entry.byteLength}`, entry);
        return line === 'STORED' ? undefined : line;
      },
      delete: async (key: string) => {
        const { line } = await connectionOf(key).send(`delete ${keyOf(key)}`);
        if (line !== 'DELETED' && line !== 'NOT_FOUND') throw new Error(line);
      },
    };
    yield* Cache.hold(store, this, serializer);
    for (const connection of connections) connection.close(new Error('the cache has stopped'));
  }

  @health({ critical: false })
  async reachable(@inject(Cache) cache: Cache): Promise<void> {
    await cache.check();
  }
}

const hashed = 'sha256:';

/** Returns a key that the server accepts: at most 250 visible characters of ASCII. */
function keyOf(key: string): string {
  if (/^[!-~]{1,250}$/.test(key) && !key.startsWith(hashed)) return key;
  return hashed + createHash('sha256').update(key).digest('hex');
}
