/** The component of a Redis server. Everything but the driver's options and errors comes from the kit. */
import {
  Component,
  component,
  defineConfig,
  fromConfig,
  health,
  inject,
  providedBy,
  provides,
  token,
} from '@asphalt/core';
import { endpoint, endpointFaults, Link, serverOptions, tlsContext, type FailureKind } from '@asphalt/integration';
import type { RedisClientType } from '@redis/client';
import { RedisChannels } from './redis-channels.ts';

const server = { scheme: 'redis', port: 6379, env: 'REDIS' } as const;

const options = defineConfig(
  {
    ...serverOptions(server),
    database: { doc: 'Number of the database; by default that of `url`, or 0', format: 'int' },
    keyPrefix: { doc: 'Text that the client adds before every key that it sends', format: 'string' },
    clientName: { doc: 'Name in `CLIENT LIST`; by default the path of the component', format: 'string' },
  },
  function* check(config) {
    yield* endpointFaults(server)(config);
    const [, path] = /^rediss?:\/\/[^/?#]*\/([^?#]+)/.exec(config.url ?? '') ?? [];
    const isNumber = path === undefined || /^\d+$/.test(path);
    if (!isNumber) yield { option: 'url', message: 'must have the number of a database as its path' };
    if (path !== undefined && config.database !== undefined)
      yield { option: 'database', message: 'must not be set together with a `url` that contains it' };
    if ((config.database ?? 0) < 0) yield { option: 'database', message: 'must not be negative' };
    if (/[^!-~]/.test(config.clientName ?? ''))
      yield { option: 'clientName', message: 'must consist of ASCII characters without spaces' };
  },
);

/** The client of `@redis/client`. Its documentation applies. */
export type Redis = RedisClientType;
export const Redis = token<Redis>('Redis');
providedBy('RedisComponent of @asphalt/redis')(Redis);

/** The state of the connection. */
@providedBy('RedisComponent of @asphalt/redis')
export class RedisLink extends Link {}

@component({ config: options, description: 'A client of a Redis server' })
export class RedisComponent extends Component<typeof options> {
  readonly #endpoint = endpoint(this.config, server);
  readonly #link = new RedisLink(this, this.#endpoint);

  @provides(RedisLink)
  link(): RedisLink {
    return this.#link;
  }

  @provides(Redis)
  async *redis(abort: AbortSignal): AsyncGenerator<Redis, void, unknown> {
    const { createClient } = await import('@redis/client');
    const { database, keyPrefix, clientName, timeout, probe, connect, tls } = this.config;
    const { host, port, username, password, secure } = this.#endpoint;
    const link = this.#link;
    const client: Redis = createClient({
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(keyPrefix !== undefined && { keyPrefix }),
      // The server refuses other characters.
      name: clientName ?? this.path.replaceAll(/[^!-~]/g, '-'),
      database: database ?? Number(this.#endpoint.database ?? 0),
      disableOfflineQueue: true,
      maintNotifications: 'disabled',
      // The driver applies it only until a command is written; then the checks of the link do.
      commandOptions: { timeout },
      socket: {
        host,
        port,
        connectTimeout: connect.timeout,
        // Ends a login that receives no reply. An established connection is checked after every half of `timeout`.
        ...(probe > 0 && { socketTimeout: Math.max(connect.timeout, 2 * timeout) }),
        reconnectStrategy: (attempt: number) => link.delay(attempt) ?? false,
        ...(secure && { tls: true, ...(await tlsContext(tls)) }),
      },
    });
    client.on('ready', link.up).on('error', link.down);
    yield* link.hold(
      client,
      {
        connect: () => client.connect(),
        check: () => client.ping(),
        close: () => client.close(),
        destroy: () => client.destroy(),
        reset: () => {
          // A client that is not ready reconnects by itself.
          if (!client.isReady) return;
          client.destroy();
          client.connect().catch(link.down);
        },
        checksLimitCalls: true,
        classify,
      },
      abort,
    );
  }

  @provides(RedisChannels)
  channels(@inject(Redis) redis: Redis): RedisChannels {
    return new RedisChannels(redis, this.#link);
  }

  @health({ critical: fromConfig('required') })
  async ping(@inject(Redis) redis: Redis): Promise<void> {
    await redis.ping();
  }
}

/** Classifies the replies of the server. */
function classify(error: unknown): FailureKind | undefined {
  const { message } = error as Error;
  return /^(?:WRONGPASS|NOAUTH|NOPERM|NOPROTO)\b|DB index is out of range/.test(message) ? 'permanent' : undefined;
}
