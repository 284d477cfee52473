/**
 * Provides a database to the application, and transactions to every context that requests one.
 *
 * Only `dialect()` depends on the kind of the database. A subclass overrides it to use another one.
 */
import { Component, component, type Context, fromConfig, health, provides } from '@asphalt/core';
import { endpoint } from '@asphalt/integration';
import type { AccessMode, Dialect } from 'kysely';
import { beginTransaction, commitTransaction } from './context-transaction.ts';
import { Database, ReadTransaction, Transaction } from './database.ts';
import { SqlAfterCommitError } from './errors.ts';
import { Migrations } from './migrations/migrations.ts';
import type { Observer } from './observed-dialect.ts';
import { serverDialect } from './open-server.ts';
import { Source } from './source.ts';
import { SqlLink } from './sql-link.ts';
import { dialectOf, fileOf, replicaConfig, serverKind, sqlOptions, type SqlConfig } from './sql-options.ts';
import { NodeSqliteDialect } from './sqlite/dialect.ts';
import { TransactionScope, type StatementContexts } from './transaction-scope.ts';

@component({ config: sqlOptions, description: 'A SQL database, with a transaction for every context' })
export class SqlComponent extends Component<typeof sqlOptions> {
  readonly #link = this.#linkTo(this.config);
  readonly #replica = this.config.replica === undefined ? undefined : replicaConfig(this.config, this.config.replica);
  readonly #contexts: StatementContexts = new WeakMap();
  #source!: Source;
  #migrating: Promise<void> | undefined;
  #isMigrated = false;
  /** The database that transactions read from. */
  #reading: () => Source = () => this.#source;

  /**
   * Returns kysely's dialect for the options. Override it to use another database. `migrate` and the transactions of
   * contexts stay the same.
   */
  protected dialect(): Dialect | Promise<Dialect> {
    return this.#dialectFor(this.config, this.#link);
  }

  /** Opens the database, and closes it after all of its users have ended. */
  override async *prepare(abort: AbortSignal): AsyncGenerator<void, void, unknown> {
    const { path: target, logger, config } = this;
    const observer: Observer = {
      target,
      logger,
      slowMs: config.slow,
      contextOf: ({ queryId }) => this.#contexts.get(queryId),
    };
    this.#source = new Source(await this.dialect(), observer, config.rollback ? config.wait : undefined);
    const opened = this.#source.hold(this.#link, abort);
    // A replica does not have changes that are rolled back.
    if (this.#replica === undefined || config.rollback) return yield* opened;
    const link = this.#linkTo(this.#replica);
    const replica = new Source(await this.#dialectFor(this.#replica, link), observer);
    this.#reading = () => (link.state === 'up' ? replica : this.#source);
    for await (const _ of opened) yield* replica.hold(link, abort);
  }

  // The providers use the fields instead of `@inject`, which would inject the database named "default".

  @provides(SqlLink)
  link(): SqlLink {
    return this.#link;
  }

  @provides(Database)
  async database(): Promise<Database> {
    await (this.#migrating ??= this.#migrate());
    return this.#source.db;
  }

  @provides(Migrations)
  migrations(): Migrations {
    return new Migrations(this.#source.db, this.config.migrations);
  }

  @provides(Transaction, { scope: 'context' })
  transaction(requesting: Context): AsyncGenerator<Transaction, void, unknown> {
    return this.#transaction(this.#source, requesting);
  }

  @provides(ReadTransaction, { scope: 'context' })
  readTransaction(requesting: Context): AsyncGenerator<ReadTransaction, void, unknown> {
    return this.#transaction(this.#reading(), requesting, 'read only');
  }

  @health({ critical: fromConfig('required') })
  async check(): Promise<void> {
    await this.#source.check();
  }

  async *#transaction({ db }: Source, requesting: Context, accessMode?: AccessMode): AsyncGenerator<Transaction, void> {
    if (!this.#isMigrated) await (this.#migrating ??= this.#migrate());
    const { isolation } = this.config;
    const settings = { ...(isolation && { isolationLevel: isolation }), ...(accessMode && { accessMode }) };
    const scope = new TransactionScope(requesting, this.#contexts);
    const transaction = await beginTransaction(db.withPlugin(scope), settings, requesting);
    const error: unknown = yield transaction;
    if (error !== undefined) {
      await transaction.rollback().execute();
      return;
    }
    await commitTransaction(transaction);
    await scope.committed((failure) => requesting.report(new SqlAfterCommitError(failure)));
  }

  async #dialectFor(config: SqlConfig, link: SqlLink): Promise<Dialect> {
    const kind = dialectOf(config);
    if (kind === 'sqlite') return new NodeSqliteDialect({ file: fileOf(config), waitMs: config.wait });
    const dialect = await serverDialect(kind, config, endpoint(config, serverKind(config, kind)), this.path);
    link.observe(dialect.pool);
    return dialect;
  }

  #linkTo(config: SqlConfig): SqlLink {
    const { logger, context } = this;
    const kind = dialectOf(config);
    if (kind !== 'sqlite') return new SqlLink({ config, logger, context }, endpoint(config, serverKind(config, kind)));
    // An embedded database needs no checks.
    const server = fileOf(config) ?? 'the database in memory';
    return new SqlLink({ config: { ...config, probe: 0 }, logger, context }, { server, secrets: [] });
  }

  /** Not in `prepare`: `asphalt db` runs that hook, and then the only provider that it needs. */
  async #migrate(): Promise<void> {
    const { migrate } = this.config;
    const migrations = this.migrations();
    if (migrate === 'check') await migrations.check();
    if (migrate === 'auto' && migrations.folder !== undefined) {
      this.context.progress('running migrations');
      for (const name of await migrations.migrate()) this.logger.info(`Ran the migration ${name}`);
    }
    this.#isMigrated = true;
  }
}
