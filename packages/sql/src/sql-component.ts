/**
 * Provides a database to the application and a transaction to every context that requests one.
 *
 * Only the default `dialect()` depends on SQLite. A subclass overrides it to use another database.
 */
import { basename } from 'node:path';
import { Component, component, type Context, defineConfig, provides } from '@asphalt/core';
import { Kysely, type Dialect } from 'kysely';
import { beginTransaction } from './begin-transaction.ts';
import { Database, Transaction } from './database.ts';
import { SqlCommitError } from './errors.ts';
import { NodeSqliteDialect } from './sqlite/dialect.ts';
import { TracedDialect } from './traced-dialect.ts';

const options = defineConfig(
  {
    file: {
      doc: 'SQLite file, created with its folder if missing; without it, data are in memory and lost when the application ends',
      format: 'path',
    },
    wait: {
      doc: 'Time limit for a statement or transaction that waits for a busy database',
      format: 'duration',
      default: '5s',
    },
  },
  function* check({ file }) {
    // SQLite would open a file below a folder named `sqlite:`.
    const scheme = file?.split(/[/\\]/).find((part) => /^(?:file|sqlite3?|libsql):/i.test(part));
    if (scheme !== undefined) {
      yield { option: 'file', message: 'must be a path instead of a URL', help: 'write a path such as ./data.db' };
    }
  },
);

@component({ config: options, description: 'A SQL database, with a transaction for every context' })
export class SqlComponent extends Component<typeof options> {
  /**
   * Returns kysely's dialect, by default embedded SQLite. Override it to use another database. The options, `migrate` and
   * the transactions of contexts stay the same.
   */
  protected dialect(): Dialect | Promise<Dialect> {
    const { file, wait } = this.config;
    // `:memory:` is SQLite's own name for a database in memory. The path format has prepended a folder to it.
    const inMemory = file === undefined || basename(file) === ':memory:';
    return new NodeSqliteDialect({ file: inMemory ? undefined : file, waitMs: wait });
  }

  #database!: Database;
  #dialect!: TracedDialect;

  /** Opens the database, and closes it after all of its users have ended. */
  override async *prepare(): AsyncGenerator<void, void, unknown> {
    this.#dialect = new TracedDialect(await this.dialect(), this.path);
    this.#database = new Kysely({
      dialect: this.#dialect,
      // Logs no parameters, because they may be secrets.
      log: ({ level, query, queryDurationMillis: durationMs }) => {
        if (level === 'query') this.logger.debug(query.sql, { durationMs });
      },
    });
    try {
      // kysely connects with the first statement. Connect now, so that a missing database fails the start.
      await this.#database.connection().execute(async () => undefined);
      yield;
    } finally {
      await this.#database.destroy();
    }
  }

  // Both providers use the field instead of `@inject`, which would inject the database named "default".

  @provides(Database)
  database(): Database {
    return this.#database;
  }

  @provides(Transaction, { scope: 'context' })
  async *transaction(requesting: Context): AsyncGenerator<Transaction, void, unknown> {
    // The signal of a closing context has aborted, but its teardowns may still use the database.
    const abort = requesting.state === 'open' ? requesting.abort : undefined;
    const transaction = await beginTransaction(this.#database, abort);
    const plugin = this.#dialect.pluginFor(requesting);
    const error: unknown = yield plugin ? transaction.withPlugin(plugin) : transaction;
    if (error !== undefined) {
      await transaction.rollback().execute();
      return;
    }
    try {
      await transaction.commit().execute();
    } catch (cause) {
      await transaction.rollback().execute();
      throw new SqlCommitError(cause);
    }
  }
}
