import type { ControlledTransaction } from 'kysely';
import type { Database } from './database.ts';

/**
 * Starts a transaction, which may wait for others.
 *
 * If the signal aborts while the transaction waits, the promise rejects with the signal's reason immediately. The
 * transaction is rolled back as soon as it starts, so that the next one can start.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- the schema of Database
export async function beginTransaction(db: Database, abort?: AbortSignal): Promise<ControlledTransaction<any>> {
  abort?.throwIfAborted();
  const starting = db.startTransaction().execute();
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
