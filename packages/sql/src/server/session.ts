/**
 * One connection to a server. It fails its statements as soon as the connection breaks, whatever the driver does, and then
 * sends nothing more.
 */
import type { FailureKind } from '@asphalt/integration';
import type { CompiledQuery, QueryResult, TransactionSettings } from 'kysely';
import { SqlLostError, SqlRetryError } from './errors.ts';

/** A connection of a driver. */
export interface ServerClient {
  /** The statement with which another connection ends the running statement of this one. */
  readonly cancelStatement: string;
  /** Connects and applies the settings of the component. Called once. */
  connect(): Promise<unknown>;
  query<R>(query: CompiledQuery): Promise<QueryResult<R>>;
  /** Reads the rows in chunks, and no further chunk before the consumer asks for it. */
  stream<R>(query: CompiledQuery, chunkSize: number): AsyncGenerator<QueryResult<R>>;
  /** Closes the connection after the running statements. */
  end(): Promise<unknown>;
  /** Drops the connection at once. Accepts a second call, and a call before `connect` has finished. */
  destroy(): void;
}

/** How one kind of server differs from the others. */
export interface Technology {
  /** Creates a connection that calls `lost` when it breaks. */
  create(lost: (error: Error) => void): ServerClient;
  /** Returns the statements that start a transaction. */
  begin(settings: TransactionSettings): readonly string[];
  /** Whether the server has closed the connection with this error. */
  isFatal(error: unknown): boolean;
  /** Whether the transaction has lost against another one. */
  isConflict(error: unknown): boolean;
  /** Whether the server accepts no further connection. It responds, and executes the statements of others. */
  isFull(error: unknown): boolean;
  /** Classifies the errors of a failed start. */
  classify(error: unknown): FailureKind | undefined;
}

export class Session {
  readonly #server: string;
  readonly #technology: Technology;
  readonly #client: ServerClient;
  readonly #started: () => void;
  readonly #running = new Map<(error: Error) => void, { readonly statement: string; readonly since: number }>();
  #failure: Error | undefined;

  /**
   * @param lost - called when the connection breaks
   * @param started - called at the start of each statement
   */
  constructor(server: string, technology: Technology, lost: (error: Error) => void, started = (): void => undefined) {
    this.#started = started;
    this.#server = server;
    this.#technology = technology;
    this.#client = technology.create((error) => {
      if (this.break(error)) lost(error);
    });
  }

  get cancelStatement(): string {
    return this.#client.cancelStatement;
  }

  get isBroken(): boolean {
    return this.#failure !== undefined;
  }

  async connect(): Promise<void> {
    try {
      await this.#settle('connect', this.#client.connect());
    } catch (error) {
      this.break(error as Error);
      throw error instanceof SqlLostError ? error.cause : error;
    }
  }

  /**
   * Sends a statement.
   *
   * @throws {@link SqlLostError} when the connection breaks, or has broken before
   * @throws {@link SqlRetryError} when the transaction has lost against another one
   */
  async query<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    this.#mustNotBeBroken();
    try {
      return await this.#settle(query.sql, this.#client.query<R>(query));
    } catch (error) {
      // A driver creates its errors when a reply arrives. Their stacks do not contain the caller.
      if (error instanceof Error) Error.captureStackTrace(error);
      throw this.#describe(error, query);
    }
  }

  /** Like {@link query}, in chunks. The statement counts as running while a chunk is awaited. */
  async *stream<R>(query: CompiledQuery, chunkSize: number): AsyncGenerator<QueryResult<R>> {
    this.#mustNotBeBroken();
    const chunks = this.#client.stream<R>(query, chunkSize);
    try {
      for (;;) {
        const { done, value } = await this.#settle(query.sql, chunks.next());
        if (done === true) return;
        yield value;
      }
    } catch (error) {
      if (error instanceof Error) Error.captureStackTrace(error);
      throw this.#describe(error, query);
    } finally {
      // Ends the statement if the consumer has left early.
      if (!this.isBroken) await this.#settle(query.sql, chunks.return(undefined));
    }
  }

  #mustNotBeBroken(): void {
    if (this.#failure) throw new SqlLostError(this.#server, undefined, this.#failure);
  }

  /** Returns the error to throw for an error of the driver. Breaks the connection if the server has closed it. */
  #describe(error: unknown, { sql }: CompiledQuery): unknown {
    if (this.#technology.isConflict(error)) return new SqlRetryError(sql, error);
    if (error instanceof SqlLostError || !this.#technology.isFatal(error)) return error;
    this.break(error as Error);
    return new SqlLostError(this.#server, sql, error);
  }

  /** How long the oldest running statement has been waiting for its result; -1 if none is running. */
  get waitsMs(): number {
    const [oldest] = this.#running.values();
    return oldest === undefined ? -1 : performance.now() - oldest.since;
  }

  async end(): Promise<void> {
    if (this.#failure) return;
    this.#failure = new Error('the connection is closed');
    await this.#client.end();
  }

  /** Drops the connection, and fails the running statements. Returns false if it was broken before. */
  break(error: Error): boolean {
    const isNew = this.#failure === undefined;
    this.#failure ??= error;
    this.#client.destroy();
    for (const [reject, { statement }] of this.#running) reject(new SqlLostError(this.#server, statement, error));
    this.#running.clear();
    return isNew;
  }

  /** Settles with some work, or as soon as the connection breaks: some drivers forget the statements of a broken one. */
  #settle<T>(statement: string, work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#running.set(reject, { statement, since: performance.now() });
      this.#started();
      const settling =
        <V>(settle: (value: V) => void) =>
        (value: V): void => {
          this.#running.delete(reject);
          settle(value);
        };
      work.then(settling(resolve), settling(reject));
    });
  }
}
