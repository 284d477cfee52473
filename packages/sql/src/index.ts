export { afterCommit, savepoint } from './context-transaction.ts';
export { Database, ReadTransaction, Transaction } from './database.ts';
export {
  SqlAfterCommitError,
  SqlBusyError,
  SqlCommitError,
  SqlDriverError,
  SqlMigrationError,
  SqlOpenError,
  SqlScopeError,
  SqlStatementError,
  SqlValueError,
  type Holder,
  type OpenProblem,
  type Sharing,
  type StatementProblem,
} from './errors.ts';
export { SqlMigrationFileError, SqlPendingMigrationsError, type MigrationFileProblem } from './migrations/errors.ts';
export { migrate } from './migrations/migrate.ts';
export { Migrations, type MigrationState } from './migrations/migrations.ts';
export { executeScript } from './script.ts';
export { SqlCommitUnknownError, SqlLostError, SqlPoolError, SqlRetryError, type PoolUse } from './server/errors.ts';
export { NodeSqliteDialect } from './sqlite/dialect.ts';
export type { SqliteDriverName } from './sqlite/load-driver.ts';
export type { SqliteOptions } from './sqlite/open.ts';
export { SqlComponent } from './sql-component.ts';
export { SqlLink, type PoolNumbers } from './sql-link.ts';
