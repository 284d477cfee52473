import { component, defineConfig, fromConfig, health, providedBy, provides } from '@asphalt/core';
import { endpoint, endpointFaults, Link, serverOptions, tlsContext, type FailureKind } from '@asphalt/integration';
import type { ClientConfig, Pool } from 'pg';
import { loadBullmq, loadPg } from '../bullmq/load.ts';
import { EngineComponent } from '../engine-component.ts';
import type { Engine } from '../engine/engine.ts';
import { messagingOptions } from '../options.ts';
import { PostgresEngine } from './postgres-engine.ts';
import { sessions } from './postgres-lease.ts';

const server = { scheme: 'postgres', port: 5432, env: 'DATABASE' } as const;

export const postgresMessagingOptions = defineConfig(
  {
    ...messagingOptions,
    ...serverOptions(server),
    database: { doc: 'Name of the database; by default that of `url`, or of the login', format: 'string' },
    migrate: {
      doc: 'What the start does about the tables of BullMQ: create and change them, or only compare them',
      format: ['auto', 'check'],
      default: 'auto',
    },
    connections: {
      doc: 'Maximum number of connections, of which each consumed queue occupies one',
      format: 'int',
      default: 20,
    },
  },
  function* check(config) {
    yield* endpointFaults(server)(config);
    if (config.connections < 2) yield { option: 'connections', message: 'must be at least 2' };
  },
);

/** The state of the connections of the engine. */
@providedBy('PostgresMessagingComponent of @asphalt/messaging/postgres')
export class PostgresMessagingLink extends Link {}

/** Queues, leaders and schedules on a PostgreSQL server. Queues are those of BullMQ. */
@component({ config: postgresMessagingOptions, description: 'Queues, leaders and schedules on PostgreSQL' })
export class PostgresMessagingComponent extends EngineComponent<typeof postgresMessagingOptions> {
  readonly #endpoint = endpoint(this.config, server);
  readonly #link = new PostgresMessagingLink(this, this.#endpoint);
  #check: () => Promise<unknown> = async () => undefined;

  @provides(PostgresMessagingLink)
  link(): PostgresMessagingLink {
    return this.#link;
  }

  @health({ critical: fromConfig('required') })
  async ping(): Promise<void> {
    await this.#check();
  }

  protected override async *open(abort: AbortSignal): AsyncGenerator<Engine, void, unknown> {
    const [bullmq, { default: pg }] = [await loadBullmq(), await loadPg()];
    const { migrate, timeout, connections } = this.config;
    const link = this.#link;
    const config = await this.#clientConfig();
    const pool: Pool = new pg.Pool({ ...config, max: connections, idleTimeoutMillis: 10_000 });
    // A connection that breaks while it is used would end the process.
    pool.on('error', link.down).on('connect', (client) => client.on('error', link.down));
    this.#check = () => pool.query('select 1');
    const connect = sessions(pg, config);
    // A migration may take longer than a call.
    const { query_timeout: _limit, ...unlimited } = config;
    const prepare = async (): Promise<void> => {
      const session = await sessions(pg, unlimited)();
      try {
        if (migrate === 'auto') await bullmq.runMigrations(session);
        else await bullmq.assertSchemaCompatibility(session);
        if (migrate === 'auto') await session.query(`create sequence if not exists asphalt_leader_terms`);
      } finally {
        await session.end();
      }
    };
    const engine = new PostgresEngine(bullmq, pool, { connect, prepare, timeoutMs: timeout });
    let ending: Promise<void> | undefined;
    const end = (): Promise<void> => (ending ??= pool.end());
    const opened = link.hold(
      engine,
      {
        connect: async () => (await pool.connect()).release(),
        check: () => this.#check(),
        close: end,
        // An attempt to connect ends by itself. A pool cannot be used again.
        destroy: () => void (link.state === 'closed' && end().catch(() => undefined)),
        classify,
      },
      abort,
    );
    for await (const _ of opened) {
      if (link.state === 'up') await engine.prepare();
      yield engine;
      await engine.close();
    }
  }

  async #clientConfig(): Promise<ClientConfig> {
    const { host, port, username, password, secure, database } = this.#endpoint;
    const { connect, timeout, tls, database: name } = this.config;
    return {
      host,
      port,
      user: username ?? 'postgres',
      // Without a password, `pg` would look for one in the environment and in files.
      password: password ?? '',
      database: database ?? name ?? username ?? 'postgres',
      ssl: secure ? await tlsContext(tls) : false,
      application_name: this.path,
      connectionTimeoutMillis: connect.timeout,
      query_timeout: timeout,
      keepAlive: true,
      // The schema of BullMQ's tables.
      options: '-c search_path=bullmq',
    };
  }
}

function classify(error: unknown): FailureKind | undefined {
  const { code } = error as { readonly code?: string };
  return code !== undefined && ['28P01', '28000', '3D000', '42501'].includes(code) ? 'permanent' : undefined;
}
