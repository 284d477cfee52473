/**
 * Observes the statements of a database: the log, the warning about slow ones, and tracing channels. It works with every
 * dialect, because it wraps the driver and its connections. Nothing that it reports contains parameters.
 */
import type { Context, Logger } from '@asphalt/core';
import { tracePoint, type CallTrace } from '@asphalt/core/tracing';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import { WrappedDialect } from './wrapped-dialect.ts';

export const callPoint = tracePoint<CallTrace>('asphalt.call');

export interface Observer {
  /** The path of the component. */
  readonly target: string;
  readonly logger: Logger;
  /** Statements that take longer are logged as a warning; 0 for none. */
  readonly slowMs: number;
  /** Returns the context of a statement, if its transaction belongs to one. */
  contextOf(query: CompiledQuery): Context | undefined;
}

export class ObservedDialect extends WrappedDialect {
  constructor(dialect: Dialect, observer: Observer) {
    super(dialect, (driver) => new ObservedDriver(driver, observer));
  }
}

/** kysely passes the connections of `acquireConnection` to the other methods. */
class ObservedDriver implements Driver {
  readonly #driver: Driver;
  readonly #observer: Observer;

  constructor(driver: Driver, observer: Observer) {
    this.#driver = driver;
    this.#observer = observer;
  }

  init(): Promise<void> {
    return this.#driver.init();
  }

  async acquireConnection(): Promise<ObservedConnection> {
    return new ObservedConnection(await this.#driver.acquireConnection(), this.#observer);
  }

  releaseConnection({ inner }: ObservedConnection): Promise<void> {
    return this.#driver.releaseConnection(inner);
  }

  beginTransaction(connection: ObservedConnection, settings: TransactionSettings): Promise<void> {
    return connection.observe(begin, (inner) => this.#driver.beginTransaction(inner, settings));
  }

  commitTransaction(connection: ObservedConnection): Promise<void> {
    return connection.observe(commit, (inner) => this.#driver.commitTransaction(inner));
  }

  rollbackTransaction(connection: ObservedConnection): Promise<void> {
    return connection.observe(rollback, (inner) => this.#driver.rollbackTransaction(inner));
  }

  savepoint: NonNullable<Driver['savepoint']> = (connection, name, compile) =>
    this.#savepoint('savepoint', connection, name, (inner) => this.#driver.savepoint?.(inner, name, compile));

  rollbackToSavepoint: NonNullable<Driver['rollbackToSavepoint']> = (connection, name, compile) =>
    this.#savepoint('rollback to savepoint', connection, name, (inner) =>
      this.#driver.rollbackToSavepoint?.(inner, name, compile),
    );

  releaseSavepoint: NonNullable<Driver['releaseSavepoint']> = (connection, name, compile) =>
    this.#savepoint('release savepoint', connection, name, (inner) =>
      this.#driver.releaseSavepoint?.(inner, name, compile),
    );

  destroy(): Promise<void> {
    return this.#driver.destroy();
  }

  async #savepoint(
    verb: string,
    connection: DatabaseConnection,
    name: string,
    call: (inner: DatabaseConnection) => Promise<void> | undefined,
  ): Promise<void> {
    // kysely passes a connection of `acquireConnection`.
    await (connection as ObservedConnection).observe(CompiledQuery.raw(`${verb} ${name}`), async (inner) =>
      call(inner),
    );
  }
}

const begin = CompiledQuery.raw('begin');
const commit = CompiledQuery.raw('commit');
const rollback = CompiledQuery.raw('rollback');

class ObservedConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;
  readonly #observer: Observer;

  constructor(inner: DatabaseConnection, observer: Observer) {
    this.inner = inner;
    this.#observer = observer;
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.observe(query, (inner) => inner.executeQuery<R>(query));
  }

  /** Observes the whole stream, as the log of kysely does. */
  async *streamQuery<R>(query: CompiledQuery, chunkSize?: number): AsyncGenerator<QueryResult<R>> {
    const { inner } = this;
    const started = performance.now();
    yield* inner.streamQuery<R>(query, chunkSize);
    this.#report(query.sql, performance.now() - started);
  }

  /** Executes a statement, and reports it if it succeeds. */
  async observe<T>(query: CompiledQuery, execute: (inner: DatabaseConnection) => Promise<T>): Promise<T> {
    const started = performance.now();
    const result = await (callPoint.observed ? this.#trace(query, execute) : execute(this.inner));
    this.#report(query.sql, performance.now() - started);
    return result;
  }

  #trace<T>(query: CompiledQuery, execute: (inner: DatabaseConnection) => Promise<T>): Promise<T> {
    const { target } = this.#observer;
    const [operation = ''] = /\w+/.exec(query.sql) ?? [];
    const context = this.#observer.contextOf(query);
    return callPoint.run({ kind: 'sql', target, operation: operation.toLowerCase(), context }, () =>
      execute(this.inner),
    );
  }

  #report(statement: string, durationMs: number): void {
    const { logger, slowMs } = this.#observer;
    logger.debug(statement, { durationMs });
    if (slowMs > 0 && durationMs >= slowMs) logger.warn(`Slow statement: ${statement}`, { durationMs });
  }
}
