export { afterCommit, savepoint } from './context-transaction.ts';
export { Database, ReadTransaction, Transaction } from './database.ts';
export {
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
export { migrate } from './migrate.ts';
export { SqlCommitUnknownError, SqlLostError, SqlPoolError, SqlRetryError, type PoolUse } from './server/errors.ts';
export { NodeSqliteDialect } from './sqlite/dialect.ts';
export type { SqliteDriverName } from './sqlite/load-driver.ts';
export type { SqliteOptions } from './sqlite/open.ts';
export { SqlComponent } from './sql-component.ts';
export { SqlLink, type PoolNumbers } from './sql-link.ts';
