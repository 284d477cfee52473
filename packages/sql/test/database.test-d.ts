/** The types of the resources. */
import { Component, inject, type Context } from '@asphalt/core';
import type { Generated, Kysely, Transaction as KyselyTransaction } from 'kysely';
import { afterCommit, Database, ReadTransaction, savepoint, Transaction } from '@asphalt/sql';

interface Schema {
  page: { id: Generated<number>; url: string };
}

declare const context: Context;
declare const db: Database<Schema>;
declare const transaction: Transaction<Schema>;
declare const reading: ReadTransaction<Schema>;

// A lookup fits every schema.
export const found: Database<Schema> = context.getResourceSync(Database);
export const begun: Promise<Transaction<Schema>> = context.getResource(Transaction);
export const read: Promise<ReadTransaction<Schema>> = context.getResource(ReadTransaction);

// The resources are objects of kysely.
export const kysely: Kysely<Schema> = db;
export const kyselyTransaction: KyselyTransaction<Schema> = transaction;
export const database: Database<Schema> = transaction;
// @ts-expect-error -- the database is no transaction
export const noTransaction: Transaction<Schema> = db;
// @ts-expect-error -- another schema
export const otherSchema: Database<{ user: { name: string } }> = db;

// Statements are checked against the schema.
void transaction.insertInto('page').values({ url: '/' }).execute();
// @ts-expect-error -- the schema has no such table
void transaction.selectFrom('user').selectAll().execute();
// @ts-expect-error -- the table has no such column
void db.selectFrom('page').select('title').execute();
// @ts-expect-error -- the column contains text
void db.insertInto('page').values({ url: 1 }).execute();

// A transaction that reads has no methods that write, and replaces no other one.
void reading.selectFrom('page').select('url').execute();
// @ts-expect-error -- it only reads
void reading.insertInto('page');
// @ts-expect-error -- it only reads
void reading.updateTable('page');
// @ts-expect-error -- it only reads
export const writes: Transaction<Schema> = reading;

// A part of a transaction has its schema, and its result.
export const count: Promise<number> = savepoint(transaction, async (part) => {
  const { numInsertedOrUpdatedRows } = await part.insertInto('page').values({ url: '/' }).executeTakeFirstOrThrow();
  return Number(numInsertedOrUpdatedRows);
});
// @ts-expect-error -- the database is no transaction
void savepoint(db, async () => 1);
// @ts-expect-error -- the database is no transaction
afterCommit(db, () => undefined);
afterCommit(transaction, async () => 'any result');

export class Pages extends Component {
  @inject(Database) readonly db!: Database<Schema>;
  // @ts-expect-error -- the database is no transaction
  @inject(Database) readonly wrong!: Transaction<Schema>;

  override start(@inject(Database) injected: Database<Schema>): void {
    void injected.selectFrom('page').selectAll().execute();
  }
}
