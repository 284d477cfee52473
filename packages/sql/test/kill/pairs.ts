/** Transactions that write two rows each, so that a half transaction shows. */
import type { Context } from '@asphalt/core';
import { Transaction, type Database } from '@asphalt/sql';

export interface PairSchema {
  pair: { number: number; half: string };
}

export async function createPairs(db: Database<PairSchema>): Promise<void> {
  await db.schema
    .createTable('pair')
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('half', 'varchar(10)', (column) => column.notNull())
    .execute();
}

export async function writePair(context: Context, number: number): Promise<void> {
  await context.run(async (request) => {
    const transaction: Transaction<PairSchema> = await request.getResource(Transaction);
    await transaction.insertInto('pair').values({ number, half: 'first' }).execute();
    await transaction.insertInto('pair').values({ number, half: 'second' }).execute();
  });
}

/** Returns the numbers of complete pairs, and of halves. */
export async function readPairs(db: Database<PairSchema>): Promise<{ complete: Set<number>; halves: number[] }> {
  const rows = await db.selectFrom('pair').select(['number', 'half']).execute();
  const counts = new Map<number, number>();
  for (const { number } of rows) counts.set(number, (counts.get(number) ?? 0) + 1);
  const numbers = [...counts];
  return {
    complete: new Set(numbers.filter(([, count]) => count === 2).map(([number]) => number)),
    halves: numbers.filter(([, count]) => count !== 2).map(([number]) => number),
  };
}
