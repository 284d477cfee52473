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
  /** Whether a term of this process has started, or may start. A session could take its own lock again. */
  #isTaken = false;

  /** @param connect - opens a connection for this lease */
  constructor(connect: () => Promise<Client>, name: string) {
    this.#connect = connect;
    this.#key = `asphalt leader ${name}`;
  }

  async acquire(leaseMs: number): Promise<number | undefined> {
    if (this.#isTaken) return undefined;
    this.#isTaken = true;
    let token: string | null = null;
    try {
      const session = (this.#session ??= this.#open(leaseMs));
      const lock = 'pg_try_advisory_lock(hashtextextended($1, 0))';
      const text = `select case when ${lock} then nextval('asphalt_leader_terms') end as token`;
      const { rows } = await this.#query(session, text, [this.#key]);
      ({ token } = rows[0] as { readonly token: string | null });
    } finally {
      this.#isTaken = token !== null;
    }
    return token === null ? undefined : Number(token);
  }

  async renew(): Promise<boolean> {
    const session = this.#session;
    if (!session) return false;
    await this.#query(session, 'select 1', []);
    return this.#session === session;
  }

  async release(): Promise<void> {
    try {
      if (this.#session) await this.#query(this.#session, 'select pg_advisory_unlock_all()', []);
    } finally {
      this.#isTaken = false;
    }
  }

  async close(): Promise<void> {
    const client = await this.#session?.catch(() => undefined);
    await client?.end();
  }

  #open(leaseMs: number): Promise<Client> {
    const session = this.#connected(leaseMs);
    const forget = (): void => this.#forget(session);
    session.then((client) => client.on('end', forget).on('error', forget), forget);
    return session;
  }

  async #connected(leaseMs: number): Promise<Client> {
    const client = await this.#connect();
    // Servers older than PostgreSQL 14 notice a dead session later.
    await client.query(`set idle_session_timeout = ${Math.round(leaseMs)}`).catch(() => undefined);
    return client;
  }

  async #query(session: Promise<Client>, text: string, values: readonly unknown[]) {
    const client = await session;
    try {
      return await client.query(text, [...values]);
    } catch (error) {
      this.#forget(session);
      // Without a session, the server frees the lock.
      void client.end().catch(() => undefined);
      throw error;
    }
  }

  /** The events of an earlier session must not end the term of a later one. */
  #forget(session: Promise<Client>): void {
    if (this.#session === session) this.#session = undefined;
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
