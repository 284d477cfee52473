/**
 * Opens and closes 100,000 contexts with a transaction each, in a private PostgreSQL, and fails if the heap grows:
 * `node --expose-gc apps/bench/dist/programs/sql-memory.js [transactions]`. It takes about two minutes.
 */
import { Component, component, startApplication } from '@asphalt/core';
import { SqlComponent, Transaction } from '@asphalt/sql';
import { postgresServer } from '@asphalt/testing/servers';
import { sql } from 'kysely';

const transactions = Number(process.argv[2] ?? 100_000);
const steps = 10;
/** Growth per transaction that a leaked context would exceed. */
const limitBytes = 20;

@component({ components: { sql: SqlComponent } })
class App extends Component {}

function heapUsed(): number {
  if (!globalThis.gc) throw new Error('run this program with node --expose-gc');
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

const server = await postgresServer();
const { context } = await startApplication(App, { config: { components: { sql: { url: server.url } } } });
const sizes: number[] = [];
for (let step = 0; step < steps; step++) {
  for (let count = 0; count < transactions / steps; count++) {
    await context.run(async (request) => {
      const transaction: Transaction = await request.getResource(Transaction);
      await sql`select 1`.execute(transaction);
    });
  }
  sizes.push(heapUsed());
  console.log(`${((step + 1) * transactions) / steps} transactions: ${(sizes.at(-1)! / 1e6).toFixed(2)} MB`);
}
// The first step also compiles the code.
const growth = (sizes.at(-1)! - sizes[0]!) / (transactions - transactions / steps);
console.log(`${growth.toFixed(1)} bytes per transaction; the limit is ${limitBytes}`);
// Does not wait for the server, which ends with this process.
process.exit(growth > limitBytes ? 1 : 0);
