/** MariaDB and MySQL through `mysql2`. */
import { once } from 'node:events';
import type { FailureKind } from '@asphalt/integration';
import {
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  sql,
  type CompiledQuery,
  type Kysely,
  type MigrationLockOptions,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import type { Connection, ConnectionOptions, QueryResult as MysqlResult, ResultSetHeader } from 'mysql2';
import type { Grammar } from '../server/dialect.ts';
import type { ServerClient, Technology } from '../server/session.ts';

/** Lets migrations, and their wait for those of other processes, take any time. */
class MigratingAdapter extends MysqlAdapter {
  readonly #statementTimeoutMs: number | undefined;

  constructor(statementTimeoutMs: number | undefined) {
    super();
    this.#statementTimeoutMs = statementTimeoutMs;
  }

  override async acquireMigrationLock(db: Kysely<unknown>, options: MigrationLockOptions): Promise<void> {
    await this.#limit(db, 0);
    await super.acquireMigrationLock(db, options);
  }

  override async releaseMigrationLock(db: Kysely<unknown>, options: MigrationLockOptions): Promise<void> {
    await super.releaseMigrationLock(db, options);
    await this.#limit(db, this.#statementTimeoutMs);
  }

  async #limit(db: Kysely<unknown>, limitMs: number | undefined): Promise<void> {
    if (this.#statementTimeoutMs === undefined || limitMs === undefined) return;
    await sql.raw(`set session autocommit = 1${statementLimit(limitMs)}`).execute(db);
  }
}

export const mariadbGrammar = ({ statementTimeoutMs }: SessionSettings): Grammar => ({
  createQueryCompiler: () => new MysqlQueryCompiler(),
  createAdapter: () => new MigratingAdapter(statementTimeoutMs),
  // oxlint-disable-next-line typescript/no-explicit-any -- kysely's own signature
  createIntrospector: (db: Kysely<any>) => new MysqlIntrospector(db),
  quote: (name) => `\`${name.replaceAll('`', '``')}\``,
});

/** The login or the database is wrong. */
const permanent = new Set([1044, 1045, 1049, 1698]);
/** Codes of `mysql2`: the server has no TLS, or a certificate that the client does not accept. */
const refusals = new Set<unknown>(['HANDSHAKE_NO_SSL_SUPPORT', 'HANDSHAKE_SSL_ERROR']);
/** A lock that was not released in time, and a deadlock. */
const conflicts = new Set([1205, 1213]);
/** The limits of connections: of the server, of a user, and of a user's time. */
const full = new Set([1040, 1203, 1226]);
/** The server stops, or an operator has ended the connection. */
const fatal = new Set([1053, 1927]);

export interface SessionSettings {
  readonly statementTimeoutMs: number | undefined;
  readonly lockTimeoutMs: number | undefined;
}

export class Mariadb implements Technology {
  readonly #createConnection: (options: ConnectionOptions) => Connection;
  readonly #options: ConnectionOptions;
  readonly #settings: SessionSettings;

  constructor(
    createConnection: (options: ConnectionOptions) => Connection,
    options: ConnectionOptions,
    settings: SessionSettings,
  ) {
    this.#createConnection = createConnection;
    this.#options = options;
    this.#settings = settings;
  }

  create(lost: (error: Error) => void): ServerClient {
    return new MariadbClient(() => this.#createConnection(this.#options), this.#settings, lost);
  }

  begin({ isolationLevel, accessMode }: TransactionSettings): readonly string[] {
    const start = accessMode === undefined ? 'begin' : `start transaction ${accessMode}`;
    return isolationLevel === undefined ? [start] : [`set transaction isolation level ${isolationLevel}`, start];
  }

  isFatal(error: unknown): boolean {
    return (error as { fatal?: unknown }).fatal === true || fatal.has(numberOf(error));
  }

  isConflict(error: unknown): boolean {
    return conflicts.has(numberOf(error));
  }

  isFull(error: unknown): boolean {
    return full.has(numberOf(error));
  }

  classify(error: unknown): FailureKind | undefined {
    const { code, syscall } = error as { code?: unknown; syscall?: unknown };
    // The driver replaces the code of a network that breaks during the handshake.
    const isRefusal = refusals.has(code) && syscall === undefined;
    return permanent.has(numberOf(error)) || isRefusal ? 'permanent' : undefined;
  }
}

class MariadbClient implements ServerClient {
  readonly #create: () => Connection;
  readonly #settings: SessionSettings;
  readonly #lost: (error: Error) => void;
  #connection: Connection | undefined;

  constructor(create: () => Connection, settings: SessionSettings, lost: (error: Error) => void) {
    this.#create = create;
    this.#settings = settings;
    this.#lost = lost;
  }

  get cancelStatement(): string {
    return `kill query ${this.#connection!.threadId}`;
  }

  async connect(): Promise<void> {
    const connection = this.#create();
    this.#connection = connection;
    connection.on('error', () => undefined);
    await once(connection, 'connect');
    connection.on('error', this.#lost).on('end', () => this.#lost(new Error('the server closed the connection')));
    await this.#send(settingsStatement(this.#settings), []);
  }

  async query<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const result = await this.#send(sql, parameters);
    if (Array.isArray(result)) return { rows: result as R[] };
    const { insertId, affectedRows, changedRows } = result as ResultSetHeader;
    return {
      rows: [],
      ...(insertId > 0 && { insertId: BigInt(insertId) }),
      numAffectedRows: BigInt(affectedRows),
      numChangedRows: BigInt(changedRows),
    };
  }

  /** The driver reads no further rows while the buffer of the stream is full, and skips the rest if the consumer leaves. */
  async *stream<R>({ sql: text, parameters }: CompiledQuery, chunkSize: number): AsyncGenerator<QueryResult<R>> {
    const query = this.#connection!.query({ sql: text, values: [...parameters] });
    let rows: R[] = [];
    for await (const row of query.stream({ highWaterMark: chunkSize })) {
      rows.push(row as R);
      if (rows.length < chunkSize) continue;
      yield { rows };
      rows = [];
    }
    if (rows.length > 0) yield { rows };
  }

  end(): Promise<void> {
    return new Promise((resolve) => {
      // An error means that the connection is closed already.
      this.#connection!.end(() => resolve());
    });
  }

  destroy(): void {
    this.#connection?.destroy();
  }

  #send(sql: string, parameters: readonly unknown[]): Promise<MysqlResult> {
    return new Promise((resolve, reject) => {
      this.#connection!.query({ sql, values: [...parameters] }, (error, result: MysqlResult) => {
        if (error) reject(error);
        else resolve(result);
      });
    });
  }
}

function settingsStatement({ statementTimeoutMs, lockTimeoutMs }: SessionSettings): string {
  const settings = ['autocommit = 1'];
  if (lockTimeoutMs !== undefined)
    settings.push(`innodb_lock_wait_timeout = ${Math.max(1, Math.ceil(lockTimeoutMs / 1000))}`);
  const limit = statementTimeoutMs === undefined ? '' : statementLimit(statementTimeoutMs);
  return `set session ${settings.join(', ')}${limit}`;
}

/** Returns the end of a `set session`. MariaDB reads the first kind of comment, and MySQL the second. */
function statementLimit(limitMs: number): string {
  return ` /*M!100101 , max_statement_time = ${limitMs / 1000} */ /*!50708 , max_execution_time = ${limitMs} */`;
}

function numberOf(error: unknown): number {
  return Number((error as { errno?: unknown }).errno);
}
