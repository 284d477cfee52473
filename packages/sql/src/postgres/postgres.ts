/** PostgreSQL through `pg`. */
import type { FailureKind } from '@asphalt/integration';
import {
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
  type CompiledQuery,
  type Kysely,
  type MigrationLockOptions,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import type { Client, ClientConfig } from 'pg';
import type Cursor from 'pg-cursor';
import type { Grammar } from '../server/dialect.ts';
import type { ServerClient, Technology } from '../server/session.ts';

/** Lets migrations, and their wait for those of other processes, take any time. */
class MigratingAdapter extends PostgresAdapter {
  override async acquireMigrationLock(db: Kysely<unknown>, options: MigrationLockOptions): Promise<void> {
    await sql`set statement_timeout = 0`.execute(db);
    await super.acquireMigrationLock(db, options);
  }

  override async releaseMigrationLock(db: Kysely<unknown>, options: MigrationLockOptions): Promise<void> {
    await super.releaseMigrationLock(db, options);
    // The default is the value with which the connection was opened.
    await sql`set statement_timeout to default`.execute(db);
  }
}

export const postgresGrammar: Grammar = {
  createQueryCompiler: () => new PostgresQueryCompiler(),
  createAdapter: () => new MigratingAdapter(),
  // oxlint-disable-next-line typescript/no-explicit-any -- kysely's own signature
  createIntrospector: (db: Kysely<any>) => new PostgresIntrospector(db),
  quote: (name) => `"${name.replaceAll('"', '""')}"`,
};

/** The login, the database or its permissions are wrong. */
const permanent = /^(?:28P01|28000|3D000|42501)$/;
/** The server ends the connection: it stops, it starts, or an operator has ended the session. */
const fatal = /^(?:57P0[1-5]|08...)$/;
/** A failed serialization, and a deadlock. */
const conflict = /^(?:40001|40P01)$/;
/** Errors of `pg` itself, which have no code: the server has no TLS, or it requires a password that is not set. */
const refusal = /does not support SSL|^SASL: .* password must be/;

/** Loads `pg-cursor`, an optional dependency. */
export type LoadCursor = () => Promise<typeof Cursor>;

export class Postgres implements Technology {
  readonly #Client: typeof Client;
  readonly #loadCursor: LoadCursor;
  readonly #config: ClientConfig;

  /** @param loadCursor - called for the first `stream()` */
  constructor(ClientClass: typeof Client, loadCursor: LoadCursor, config: ClientConfig) {
    this.#Client = ClientClass;
    this.#loadCursor = loadCursor;
    this.#config = config;
  }

  create(lost: (error: Error) => void): ServerClient {
    return new PostgresClient(new this.#Client(this.#config), this.#loadCursor, lost);
  }

  begin({ isolationLevel, accessMode }: TransactionSettings): readonly string[] {
    const modes = [isolationLevel && `isolation level ${isolationLevel}`, accessMode].filter(Boolean);
    return [modes.length === 0 ? 'begin' : `start transaction ${modes.join(' ')}`];
  }

  isFatal(error: unknown): boolean {
    return fatal.test(sqlStateOf(error)) || (error as { severity?: unknown }).severity === 'FATAL';
  }

  isConflict(error: unknown): boolean {
    return conflict.test(sqlStateOf(error));
  }

  isFull(error: unknown): boolean {
    return sqlStateOf(error) === '53300';
  }

  classify(error: unknown): FailureKind | undefined {
    return permanent.test(sqlStateOf(error)) || refusal.test((error as Error).message) ? 'permanent' : undefined;
  }
}

class PostgresClient implements ServerClient {
  readonly #client: Client;
  readonly #loadCursor: LoadCursor;

  constructor(client: Client, loadCursor: LoadCursor, lost: (error: Error) => void) {
    this.#client = client.on('error', lost);
    this.#loadCursor = loadCursor;
  }

  get cancelStatement(): string {
    // The types of `pg` lack the id of the server's process.
    const { processID } = this.#client as Client & { readonly processID: number };
    return `select pg_cancel_backend(${processID})`;
  }

  connect(): Promise<unknown> {
    return this.#client.connect();
  }

  async query<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { command, rowCount, rows } = await this.#client.query(query.sql, [...query.parameters]);
    // The server answers so, without an error, if a statement of the transaction has failed.
    if (query.sql === 'commit' && command === 'ROLLBACK') {
      throw new Error('a statement of the transaction had failed');
    }
    const changes = /^(?:INSERT|UPDATE|DELETE|MERGE)$/.test(command);
    return { rows, ...(changes && rowCount !== null && { numAffectedRows: BigInt(rowCount) }) };
  }

  async *stream<R>({ sql: text, parameters }: CompiledQuery, chunkSize: number): AsyncGenerator<QueryResult<R>> {
    const CursorClass = await this.#loadCursor();
    const cursor = this.#client.query(new CursorClass<R>(text, [...parameters]));
    try {
      for (;;) {
        const rows = await cursor.read(chunkSize);
        if (rows.length === 0) return;
        yield { rows };
      }
    } finally {
      await cursor.close();
    }
  }

  end(): Promise<unknown> {
    return this.#client.end();
  }

  destroy(): void {
    this.#client.connection.stream.destroy();
  }
}

function sqlStateOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}
