/** The begin and the end of the transaction of a context. */
import { callAfter, type Context } from '@asphalt/core';
import { ControlledTransaction, type TransactionSettings } from 'kysely';
import type { Database, Transaction } from './database.ts';
import { SqlCommitError, SqlScopeError } from './errors.ts';
import { SqlCommitUnknownError, SqlLostError, SqlRetryError } from './server/errors.ts';
import { TransactionScope } from './transaction-scope.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- the schema of Database
type AnyTransaction = ControlledTransaction<any>;

/**
 * How long a transaction waits before it listens to the signal of its context. The signal, and the error with which the end
 * of the context aborts it, take 64 µs of processor time until V8 has optimized the code.
 */
const signalAfterMs = 10;

/** The part of a context that the start of a transaction uses. */
export type Requesting = Pick<Context, 'state' | 'isCancelled' | 'abort'>;

/**
 * Starts a transaction, which may wait for others.
 *
 * If the context is cancelled or starts to close during the wait, the promise rejects with the reason of its signal. The
 * transaction is rolled back as soon as it starts, so that the next one can start. The teardowns of a closing context may
 * start a transaction.
 */
export function beginTransaction(
  db: Database,
  { isolationLevel, accessMode }: TransactionSettings,
  requesting: Requesting,
): Promise<AnyTransaction> {
  const isOpen = requesting.state === 'open';
  if (isOpen && requesting.isCancelled) return Promise.reject(requesting.abort.reason as Error);
  let builder = db.startTransaction();
  if (isolationLevel !== undefined) builder = builder.setIsolationLevel(isolationLevel);
  if (accessMode !== undefined) builder = builder.setAccessMode(accessMode);
  const starting = builder.execute();
  return isOpen ? unlessAborted(starting, requesting) : starting;
}

/** Settles like the start of a transaction, or when the signal of the context aborts. */
function unlessAborted(starting: Promise<AnyTransaction>, requesting: Requesting): Promise<AnyTransaction> {
  return new Promise((resolve, reject) => {
    let signal: AbortSignal | undefined;
    const abandon = (): void => {
      reject(signal!.reason as Error);
      // If this fails, no transaction has to be rolled back, and no caller waits for the error.
      starting.then((transaction) => transaction.rollback().execute()).catch(() => undefined);
    };
    const listen = (): void => {
      signal = requesting.abort;
      if (signal.aborted) abandon();
      else signal.addEventListener('abort', abandon, { once: true });
    };
    const cancelListen = callAfter(signalAfterMs, listen);
    const settling =
      <V>(settle: (value: V) => void) =>
      (value: V): void => {
        cancelListen();
        signal?.removeEventListener('abort', abandon);
        settle(value);
      };
    starting.then(settling(resolve), settling(reject));
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
 * if the transaction is rolled back, or if it is not known whether it was committed. An error of the function does not fail
 * the context, because the commit has happened. It is reported like the failure of the handler, see `Context.report`.
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
