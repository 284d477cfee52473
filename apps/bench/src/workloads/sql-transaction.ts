/** Measures a transaction of a context in PostgreSQL, next to one of kysely alone. */
import type { Dialect, Kysely, Transaction } from 'kysely';
import { meanTime } from '../harness/hot.ts';
import { implementationOf, type Implementations, type Workload } from '../harness/workload.ts';

interface Schema {
  item: { id?: number; name: string };
}

/** Opens a database. @returns a function that executes a statement in a transaction */
type Open = (url: string) => Promise<(use: (transaction: Transaction<Schema>) => Promise<unknown>) => Promise<void>>;

/** The variable that passes the server's URL to the processes that take samples. */
const variable = 'BENCH_SQL_URL';

const yardstick = 'hand';

/** In 100 ms, only about 120 transactions would run, and V8 would still interpret most of their code. */
const warmUpMs = 1000;

const implementations: Implementations<Open> = {
  async asphalt(url) {
    const { SqlComponent } = await import('@asphalt/sql');
    return contexts(SqlComponent, { url });
  },

  async 'asphalt, pool of pg'(url) {
    const { SqlComponent } = await import('@asphalt/sql');
    class PgPoolComponent extends SqlComponent {
      protected override dialect(): Promise<Dialect> {
        return poolDialect(url);
      }
    }
    return contexts(PgPoolComponent, {});
  },

  async [yardstick](url) {
    const { Kysely } = await import('kysely');
    const db: Kysely<Schema> = new Kysely({ dialect: await poolDialect(url) });
    return async (use) => {
      await db.transaction().execute(use);
    };
  },
};

async function poolDialect(url: string): Promise<Dialect> {
  const { PostgresDialect } = await import('kysely');
  const { default: pg } = await import('pg');
  return new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) });
}

/** Starts an application with a database, whose contexts execute the statements. */
async function contexts(type: typeof import('@asphalt/sql').SqlComponent, sql: object): ReturnType<Open> {
  const { Component, component, startApplication } = await import('@asphalt/core');
  const { Transaction } = await import('@asphalt/sql');

  @component({ components: { sql: type } })
  class App extends Component {}

  const { context } = await startApplication(App, { config: { components: { sql } } });
  return (use) =>
    context.run(async (request) => {
      await use(await request.getResource(Transaction));
    });
}

export const sqlTransaction: Workload = {
  name: 'sql-transaction',
  measures: 'A transaction inserts a row into a private PostgreSQL: begin, insert, commit.',
  unit: 'µs',
  yardstick,
  target: 'asphalt ≤ 1.05 × hand',
  subjects: [
    { name: 'asphalt', package: '@asphalt/sql', note: 'the transaction of a context' },
    { name: 'asphalt, pool of pg', package: '@asphalt/sql', note: 'the same, with the driver and pool of hand' },
    { name: yardstick, package: 'kysely', note: 'kysely with the pool of pg' },
  ],
  async prepare() {
    const { postgresServer } = await import('@asphalt/testing/servers');
    process.env[variable] ??= (await postgresServer()).url;
  },
  async sample(subject, effort) {
    const transact = await implementationOf(implementations, subject)(process.env[variable]!);
    const { sql } = await import('kysely');
    await transact((transaction) =>
      sql`create table if not exists item (id serial primary key, name text not null)`.execute(transaction),
    );
    const count = async (): Promise<number> => {
      let rows = 0;
      await transact(async (transaction) => {
        const { total } = await transaction
          .selectFrom('item')
          .select((eb) => eb.fn.countAll().as('total'))
          .executeTakeFirstOrThrow();
        rows = Number(total);
      });
      return rows;
    };
    const before = await count();
    let transactions = 0;
    const ns = await meanTime(
      async () => {
        transactions++;
        await transact((transaction) => transaction.insertInto('item').values({ name: 'item' }).execute());
      },
      effort,
      warmUpMs,
    );
    if ((await count()) - before !== transactions) throw new Error('a row is missing');
    return { value: ns / 1000 };
  },
};
