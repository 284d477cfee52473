export { Database, Transaction } from './database.ts';
export {
  SqlBusyError,
  SqlCommitError,
  SqlMigrationError,
  SqlOpenError,
  SqlValueError,
  type Holder,
  type OpenProblem,
} from './errors.ts';
export { LibsqlDialect } from './libsql/dialect.ts';
export type { LibsqlOptions } from './libsql/driver.ts';
export { migrate } from './migrate.ts';
export { SqlComponent } from './sql-component.ts';
