/**
 * Provides a database to the application and a transaction to every context that asks for one.
 *
 * Nothing here knows SQLite beyond the default `dialect()`: a subclass that overrides it brings another database.
 */
import { basename } from 'node:path';
import { Component, component, type Context, defineConfig, provides } from '@asphalt/core';
import { Kysely, type Dialect } from 'kysely';
import { beginTransaction } from './begin-transaction.ts';
import { Database, Transaction } from './database.ts';
import { SqlCommitError } from './errors.ts';
import { NodeSqliteDialect } from './sqlite/dialect.ts';

const options = defineConfig({
  file: {
    doc: 'SQLite file, made with its folder where it is missing; without it the data live in memory and end with the application',
    format: 'path',
  },
  wait: {
    doc: 'How long a statement or a transaction waits for a busy database before it fails',
    format: 'duration',
    default: '5s',
  },
});

@component({ config: options, description: 'A SQL database, with a transaction for every context' })
export class SqlComponent extends Component<typeof options> {
  /**
   * What kysely is to speak with: embedded SQLite. Override it for another database; the options stay those of this
   * component, and `migrate` and the transactions of contexts work the same.
   */
  protected dialect(): Dialect | Promise<Dialect> {
    const { file, wait } = this.config;
    // The name that SQLite itself gives to memory; a path format has put a folder before it.
    const inMemory = file === undefined || basename(file) === ':memory:';
    return new NodeSqliteDialect({ file: inMemory ? undefined : file, waitMs: wait });
  }

  #database!: Database;

  /** Opens the database, and closes it when all that used it has ended. */
  override async *prepare(): AsyncGenerator<void, void, unknown> {
    this.#database = new Kysely({
      dialect: await this.dialect(),
      // Without the parameters, which may be secrets.
      log: ({ level, query, queryDurationMillis: durationMs }) => {
        if (level === 'query') this.logger.debug(query.sql, { durationMs });
      },
    });
    try {
      // kysely connects with the first statement; a database that is not there is to fail the start.
      await this.#database.connection().execute(async () => undefined);
      yield;
    } finally {
      await this.#database.destroy();
    }
  }

  // Both providers take the database from here and not by `@inject`, which would mean the one named "default".

  @provides(Database)
  database(): Database {
    return this.#database;
  }

  @provides(Transaction, { scope: 'context' })
  async *transaction(requesting: Context): AsyncGenerator<Transaction, void, unknown> {
    // The signal of a context that closes has aborted, but its teardowns may still use the database.
    const abort = requesting.state === 'open' ? requesting.abort : undefined;
    const transaction = await beginTransaction(this.#database, abort);
    const error: unknown = yield transaction;
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
