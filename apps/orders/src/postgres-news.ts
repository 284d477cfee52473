/** Reports of changes between the processes of a PostgreSQL database, with `NOTIFY` and `LISTEN`. */
import { Component, component, defineConfig, fromConfig, health, provides } from '@asphalt/core';
import { endpoint, endpointFaults, Link, serverOptions, tlsContext } from '@asphalt/integration';
import type { Transaction } from '@asphalt/sql';
import { sql } from 'kysely';
import type { ClientConfig } from 'pg';
import { OrderNews } from './order-news.ts';
import { PostgresListener } from './postgres-listener.ts';

const server = { scheme: 'postgres', port: 5432, env: 'DATABASE' } as const;
const channel = 'asphalt_orders';

const options = defineConfig(
  {
    ...serverOptions(server),
    listen: { doc: 'Whether this process receives reports', format: 'boolean', default: true },
  },
  endpointFaults(server),
);

/** The server sends a notice when its transaction commits. */
class PostgresNews extends OrderNews {
  override async announce(transaction: Transaction, id: string): Promise<void> {
    await sql`select pg_notify(${channel}, ${id})`.execute(transaction);
  }
}

@component({ config: options, description: 'Reports changes of orders between processes' })
export class PostgresNewsComponent extends Component<typeof options> {
  readonly #endpoint = endpoint(this.config, server);
  readonly #link = new Link(this, this.#endpoint);
  #check: () => Promise<void> = async () => undefined;

  @provides(OrderNews)
  async *news(abort: AbortSignal): AsyncGenerator<OrderNews, void, unknown> {
    const news = new PostgresNews();
    if (!this.config.listen) {
      yield news;
      return;
    }
    const { default: pg } = await import('pg');
    const link = this.#link;
    const listener = new PostgresListener({
      client: (config) => new pg.Client(config),
      config: await this.#clientConfig(),
      channel,
      onNotice: (id) => news.changed.dispatch(id),
      onReady: () => {
        link.up();
        news.missed.dispatch();
      },
      onLost: link.down,
      delay: (attempt) => link.delay(attempt),
    });
    this.#check = () => listener.check();
    const connection = {
      connect: () => listener.connect(),
      check: () => listener.check(),
      close: () => listener.close(),
      destroy: () => listener.destroy(),
      reset: () => listener.destroy(),
    };
    for await (const _ of link.hold(listener, connection, abort)) yield news;
  }

  @health({ critical: fromConfig('required') })
  async listens(): Promise<void> {
    await this.#check();
  }

  async #clientConfig(): Promise<ClientConfig> {
    const { host, port, username, password, secure, database } = this.#endpoint;
    const { connect, timeout, tls } = this.config;
    return {
      host,
      port,
      user: username ?? 'postgres',
      // Without a password, `pg` would look for one in the environment and in files.
      password: password ?? '',
      database: database ?? username ?? 'postgres',
      ssl: secure ? await tlsContext(tls) : false,
      application_name: this.path,
      connectionTimeoutMillis: connect.timeout,
      query_timeout: timeout,
      keepAlive: true,
    };
  }
}
