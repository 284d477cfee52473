/** The begin and the end of the transaction of a context. */
import { ControlledTransaction, type TransactionSettings } from 'kysely';
import type { Database, Transaction } from './database.ts';
import { SqlCommitError, SqlScopeError } from './errors.ts';
import { SqlCommitUnknownError, SqlLostError, SqlRetryError } from './server/errors.ts';
import { TransactionScope } from './transaction-scope.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- the schema of Database
type AnyTransaction = ControlledTransaction<any>;

/**
 * Starts a transaction, which may wait for others.
 *
 * If the signal aborts while the transaction waits, the promise rejects with the signal's reason immediately. The
 * transaction is rolled back as soon as it starts, so that the next one can start.
 */
export async function beginTransaction(
  db: Database,
  { isolationLevel, accessMode }: TransactionSettings,
  abort?: AbortSignal,
): Promise<AnyTransaction> {
  abort?.throwIfAborted();
  let builder = db.startTransaction();
  if (isolationLevel !== undefined) builder = builder.setIsolationLevel(isolationLevel);
  if (accessMode !== undefined) builder = builder.setAccessMode(accessMode);
  const starting = builder.execute();
  if (!abort) return starting;
  return new Promise((resolve, reject) => {
    const abandon = (): void => {
      reject(abort.reason as Error);
      // If the start fails, no transaction has to be rolled back, and no caller waits for the error.
      void starting.then(
        (transaction) => transaction.rollback().execute(),
        () => undefined,
      );
    };
    abort.addEventListener('abort', abandon, { once: true });
    const settled = (): void => abort.removeEventListener('abort', abandon);
    starting.finally(settled).then(resolve, reject);
  });
}

/**
 * Commits.
 *
 * @throws {@link SqlCommitUnknownError} when the reply of the server was lost; {@link SqlRetryError} when the transaction
 * has lost against another one; otherwise {@link SqlCommitError}
 */
export async function commitTransaction(transaction: AnyTransaction): Promise<void> {
  try {
    await transaction.commit().execute();
  } catch (cause) {
    // Also returns the connection to the pool. Nothing is sent on a broken one.
    await transaction.rollback().execute();
    if (cause instanceof SqlLostError && cause.statement !== undefined) throw new SqlCommitUnknownError(cause);
    throw cause instanceof SqlRetryError ? cause : new SqlCommitError(cause);
  }
}

/**
 * Calls a function after the transaction of a context has been committed, before the context has closed. Does not call it
 * if the transaction is rolled back, or if it is not known whether it was committed. An error of the function is logged,
 * because the commit has happened.
 *
 * @throws {@link SqlScopeError} when the transaction does not belong to a context
 */
export function afterCommit(transaction: Transaction, callback: () => unknown): void {
  TransactionScope.of(transaction).addAfterCommit(callback);
}

/**
 * Runs a part of a transaction. If it fails, its changes are undone, and the transaction can continue without them.
 *
 * @throws the error of the part; {@link SqlScopeError} when the transaction does not belong to a context
 */
export async function savepoint<Schema, T>(
  transaction: Transaction<Schema>,
  part: (transaction: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  const scope = TransactionScope.of(transaction);
  if (!(transaction instanceof ControlledTransaction)) throw new SqlScopeError();
  const { name, undo } = scope.startPart();
  const nested = await (transaction as ControlledTransaction<Schema>).savepoint(name).execute();
  let result: T;
  try {
    result = await part(nested);
  } catch (error) {
    undo();
    // A transaction that has lost against another one is over.
    if (!(error instanceof SqlRetryError)) await nested.rollbackToSavepoint(name).execute();
    throw error;
  }
  await nested.releaseSavepoint(name).execute();
  return result;
}
