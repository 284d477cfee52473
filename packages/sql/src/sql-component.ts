/**
 * Provides a database to the application and a transaction to every context that requests one.
 *
 * Only `dialect()` depends on the kind of the database. A subclass overrides it to use another one.
 */
import { Component, component, type Context, fromConfig, health, provides } from '@asphalt/core';
import { endpoint } from '@asphalt/integration';
import { Kysely, sql, type Dialect, type IsolationLevel } from 'kysely';
import { beginTransaction, commitTransaction } from './context-transaction.ts';
import { Database, Transaction } from './database.ts';
import { ObservedDialect } from './observed-dialect.ts';
import { serverDialect } from './open-server.ts';
import { ServerDialect } from './server/dialect.ts';
import { SqlLink } from './sql-link.ts';
import { dialectOf, fileOf, serverKind, sqlOptions } from './sql-options.ts';
import { NodeSqliteDialect } from './sqlite/dialect.ts';
import { TransactionScope, type StatementContexts } from './transaction-scope.ts';

@component({ config: sqlOptions, description: 'A SQL database, with a transaction for every context' })
export class SqlComponent extends Component<typeof sqlOptions> {
  readonly #kind = dialectOf(this.config);
  readonly #endpoint = this.#kind === 'sqlite' ? undefined : endpoint(this.config, serverKind(this.config, this.#kind));
  readonly #link = new SqlLink(this.#linkOwner(), this.#endpoint ?? embedded(fileOf(this.config)));
  readonly #contexts: StatementContexts = new WeakMap();
  #database!: Database;

  /**
   * Returns kysely's dialect for the options. Override it to use another database. `migrate` and the transactions of
   * contexts stay the same.
   */
  protected async dialect(): Promise<Dialect> {
    if (this.#kind === 'sqlite') return new NodeSqliteDialect({ file: fileOf(this.config), waitMs: this.config.wait });
    return serverDialect(this.#kind, this.config, this.#endpoint!, this.path);
  }

  /** Opens the database, and closes it after all of its users have ended. */
  override async *prepare(abort: AbortSignal): AsyncGenerator<void, void, unknown> {
    const dialect = await this.dialect();
    const { path: target, logger, config } = this;
    const contextOf = ({ queryId }: { queryId: object }) => this.#contexts.get(queryId as never);
    const observer = { target, logger, slowMs: config.slow, contextOf };
    this.#database = new Kysely({ dialect: new ObservedDialect(dialect, observer) });
    try {
      if (dialect instanceof ServerDialect) {
        this.#link.observe(dialect);
        yield* dialect.hold(this.#link, abort);
        return;
      }
      // kysely connects with the first statement. Connect now, so that a missing database fails the start.
      await this.#database.connection().execute(async () => undefined);
      yield* this.#link.hold(undefined, unconnected, abort);
    } finally {
      await this.#database.destroy();
    }
  }

  // The providers use the fields instead of `@inject`, which would inject the database named "default".

  @provides(SqlLink)
  link(): SqlLink {
    return this.#link;
  }

  @provides(Database)
  database(): Database {
    return this.#database;
  }

  @provides(Transaction, { scope: 'context' })
  async *transaction(requesting: Context): AsyncGenerator<Transaction, void, unknown> {
    // The signal of a closing context has aborted, but its teardowns may still use the database.
    const abort = requesting.state === 'open' ? requesting.abort : undefined;
    const transaction = await beginTransaction(this.#database, this.config.isolation as IsolationLevel, abort);
    const scope = new TransactionScope(requesting, this.#contexts);
    const error: unknown = yield transaction.withPlugin(scope);
    if (error !== undefined) {
      await transaction.rollback().execute();
      return;
    }
    await commitTransaction(transaction);
    await scope.committed((failure) => this.logger.error('A callback of afterCommit failed', { error: failure }));
  }

  @health({ critical: fromConfig('required') })
  async check(): Promise<void> {
    await sql`select 1`.execute(this.#database);
  }

  /** An embedded database needs no checks. */
  #linkOwner() {
    const { config, logger } = this;
    return { logger, config: this.#kind === 'sqlite' ? { ...config, probe: 0 } : config };
  }
}

/** The connection of a database without a server. kysely opens and closes it. */
const unconnected = {
  connect: async () => undefined,
  check: async () => undefined,
  close: () => undefined,
  destroy: () => undefined,
};

/** The name of a database without a server in log lines. */
function embedded(file = 'the database in memory') {
  return { server: file, secrets: [] };
}
