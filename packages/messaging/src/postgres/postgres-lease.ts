import type { Client, ClientConfig } from 'pg';
import type { LeaseStore } from '../engine/engine.ts';

/**
 * An advisory lock of a session, and a sequence of terms. The server ends a session that sends nothing during the lease, so that
 * the lock of a frozen process becomes free.
 */
export class PostgresLease implements LeaseStore {
  readonly #connect: () => Promise<Client>;
  readonly #key: string;
  #session: Promise<Client> | undefined;

  /** @param connect - opens a connection for this lease */
  constructor(connect: () => Promise<Client>, name: string) {
    this.#connect = connect;
    this.#key = `asphalt leader ${name}`;
  }

  async acquire(leaseMs: number): Promise<number | undefined> {
    const session = await (this.#session ??= this.#open(leaseMs));
    const lock = 'pg_try_advisory_lock(hashtextextended($1, 0))';
    const text = `select case when ${lock} then nextval('asphalt_leader_terms') end as token`;
    const { rows } = await this.#query(session, text, [this.#key]);
    const { token } = rows[0] as { readonly token: string | null };
    return token === null ? undefined : Number(token);
  }

  async renew(): Promise<boolean> {
    const session = await this.#session;
    if (!session) return false;
    await this.#query(session, 'select 1', []);
    return this.#session !== undefined;
  }

  async release(): Promise<void> {
    const session = await this.#session;
    if (session) await this.#query(session, 'select pg_advisory_unlock_all()', []);
  }

  async close(): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    await session?.end();
  }

  async #open(leaseMs: number): Promise<Client> {
    try {
      const session = await this.#connect();
      session.on('end', () => this.#forget());
      session.on('error', () => this.#forget());
      // Servers older than PostgreSQL 14 notice a dead session later.
      await session.query(`set idle_session_timeout = ${Math.round(leaseMs)}`).catch(() => undefined);
      return session;
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  async #query(session: Client, text: string, values: readonly unknown[]) {
    try {
      return await session.query(text, [...values]);
    } catch (error) {
      this.#forget();
      // Without a session, the server frees the lock.
      void session.end().catch(() => undefined);
      throw error;
    }
  }

  #forget(): void {
    this.#session = undefined;
  }
}

/** Returns a function that opens connections. */
export function sessions(pg: { readonly Client: typeof Client }, config: ClientConfig): () => Promise<Client> {
  return async () => {
    const client = new pg.Client(config);
    // An error without a listener would end the process.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
}
