/**
 * The two resources of this package. They are kysely's own classes under the names of their roles, so whatever kysely's
 * documentation says of `Kysely` and `Transaction` holds, and nothing has to be converted.
 */
import { providedBy } from '@asphalt/core';
import * as kysely from 'kysely';

/**
 * The database, for the whole application. `Schema` maps table names to rows:
 * `@inject(Database) db: Database<{ page: { url: string } }>`.
 *
 * The key stands for every schema at once, hence `any`: kysely's class is invariant in its schema, and with `unknown`
 * the compiler would refuse every parameter that names one.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- see above
export type Database<Schema = any> = kysely.Kysely<Schema>;
export const Database: typeof kysely.Kysely = kysely.Kysely;

/**
 * The transaction of a context: it begins when the context first asks for it, is committed when the context ends well
 * and undone when it ends with an error.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- as for Database
export type Transaction<Schema = any> = kysely.Transaction<Schema>;
export const Transaction: typeof kysely.Transaction = kysely.Transaction;

for (const id of [Database, Transaction]) providedBy('SqlComponent of @asphalt/sql')(id);
