/**
 * Rolls back all changes when the database closes, for tests. All users share one connection, in a transaction that never
 * commits. Their transactions are savepoints in it and take turns. Other statements do not wait for these.
 */
import { CompiledQuery, type DatabaseConnection, type Dialect, type Driver, type QueryResult } from 'kysely';
import { SqlBusyError } from './errors.ts';
import { Lock } from './sqlite/lock.ts';
import { WrappedDialect } from './wrapped-dialect.ts';

export class RollbackDialect extends WrappedDialect {
  /** @param waitMs - time limit for a transaction that waits for its turn */
  constructor(dialect: Dialect, waitMs: number) {
    super(dialect, (driver) => new RollbackDriver(driver, waitMs));
  }
}

const transactionSavepoint = 'asphalt_transaction';
const statementSavepoint = 'asphalt_statement';

class RollbackDriver implements Driver {
  readonly #driver: Driver;
  readonly #waitMs: number;
  readonly #turns = new Lock();
  #shared: Promise<SharedConnection> | undefined;

  constructor(driver: Driver, waitMs: number) {
    this.#driver = driver;
    this.#waitMs = waitMs;
  }

  async init(): Promise<void> {
    await this.#driver.init();
  }

  async acquireConnection(): Promise<UserConnection> {
    return new UserConnection(await (this.#shared ??= this.#open()));
  }

  async #open(): Promise<SharedConnection> {
    const connection = await this.#driver.acquireConnection();
    await this.#driver.beginTransaction(connection, {});
    return new SharedConnection(connection);
  }

  async beginTransaction(connection: UserConnection): Promise<void> {
    if (!(await this.#turns.acquire(this.#waitMs)))
      throw new SqlBusyError('begin', 'transaction', this.#waitMs, 'test');
    connection.hasTransaction = true;
    await connection.execute(`savepoint ${transactionSavepoint}`);
  }

  async commitTransaction(connection: UserConnection): Promise<void> {
    await connection.execute(`release savepoint ${transactionSavepoint}`);
    this.#endTurn(connection);
  }

  async rollbackTransaction(connection: UserConnection): Promise<void> {
    await connection.execute(`rollback to savepoint ${transactionSavepoint}`);
    await this.commitTransaction(connection);
  }

  async savepoint(connection: UserConnection, name: string): Promise<void> {
    await connection.execute(`savepoint ${name}`);
  }

  async rollbackToSavepoint(connection: UserConnection, name: string): Promise<void> {
    await connection.execute(`rollback to savepoint ${name}`);
  }

  async releaseSavepoint(connection: UserConnection, name: string): Promise<void> {
    await connection.execute(`release savepoint ${name}`);
  }

  async releaseConnection(connection: UserConnection): Promise<void> {
    // kysely releases the connection of a transaction that it could not end.
    this.#endTurn(connection);
  }

  #endTurn(connection: UserConnection): void {
    if (connection.hasTransaction) this.#turns.release();
    connection.hasTransaction = false;
  }

  async destroy(): Promise<void> {
    const shared = await this.#shared?.catch(() => undefined);
    if (shared) {
      await this.#driver.rollbackTransaction(shared.connection);
      await this.#driver.releaseConnection(shared.connection);
    }
    await this.#driver.destroy();
  }
}

/** The only connection to the database. Executes the work of one user at a time. */
class SharedConnection {
  #last: Promise<unknown> = Promise.resolve();

  constructor(readonly connection: DatabaseConnection) {}

  async exclusively<R>(work: () => Promise<R>): Promise<R> {
    const before = this.#last;
    const result = (async () => {
      await before;
      return work();
    })();
    this.#last = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}

/** The connection of one user. */
class UserConnection implements DatabaseConnection {
  hasTransaction = false;
  readonly #shared: SharedConnection;

  constructor(shared: SharedConnection) {
    this.#shared = shared;
  }

  async execute(statement: string): Promise<void> {
    await this.#shared.exclusively(() => this.#shared.connection.executeQuery(CompiledQuery.raw(statement)));
  }

  /** Executes a statement outside a transaction in a savepoint: in PostgreSQL, a failure ends the whole transaction. */
  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { connection } = this.#shared;
    if (this.hasTransaction) return this.#shared.exclusively(() => connection.executeQuery<R>(query));
    const run = (statement: string) => connection.executeQuery(CompiledQuery.raw(statement));
    return this.#shared.exclusively(async () => {
      await run(`savepoint ${statementSavepoint}`);
      try {
        return await connection.executeQuery<R>(query);
      } catch (error) {
        await run(`rollback to savepoint ${statementSavepoint}`);
        throw error;
      } finally {
        await run(`release savepoint ${statementSavepoint}`);
      }
    });
  }

  /** Reads all rows at once, because other users of the connection would wait for the end of a stream. */
  async *streamQuery<R>(query: CompiledQuery): AsyncGenerator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }
}
