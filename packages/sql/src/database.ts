/**
 * The resources of this package. They are objects of kysely's own classes, so kysely's documentation applies, and no
 * conversion is needed.
 */
import { providedBy, token } from '@asphalt/core';
import * as kysely from 'kysely';

/**
 * The database, for the whole application. `Schema` maps table names to rows:
 * `@inject(Database) db: Database<{ page: { url: string } }>`.
 *
 * The default schema is `any` because one key serves all schemas: kysely's class is invariant in its schema, so with
 * `unknown` the compiler would reject every parameter that names a schema.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- see above
export type Database<Schema = any> = kysely.Kysely<Schema>;
export const Database: typeof kysely.Kysely = kysely.Kysely;

/**
 * The transaction of a context. It starts when the context first requests it. It is committed when the context ends
 * without an error and rolled back when the context ends with one.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- as for Database
export type Transaction<Schema = any> = kysely.Transaction<Schema>;
export const Transaction: typeof kysely.Transaction = kysely.Transaction;

/**
 * A transaction of a context that only reads. It runs on the replica, if one is configured and available. A replica may lag
 * behind, so the transaction may not see the context's own changes.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- as for Database
export type ReadTransaction<Schema = any> = Omit<
  kysely.Transaction<Schema>,
  'insertInto' | 'replaceInto' | 'updateTable' | 'deleteFrom' | 'mergeInto' | 'schema'
>;
export const ReadTransaction = token<ReadTransaction>('ReadTransaction');

providedBy('SqlComponent of @asphalt/sql')(ReadTransaction);
providedBy('SqlComponent of @asphalt/sql', { name: 'Database' })(Database);
providedBy('SqlComponent of @asphalt/sql')(Transaction);
