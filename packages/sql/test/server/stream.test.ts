/** Streams of rows. A sequence of the server shows how many rows it has created. */
import { errorOf } from '@asphalt/test-support';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { SqlLostError } from '../../src/index.ts';
import { missing, serverKinds, sharedServer, sqlApp, urls, type ServerName, type SqlApp } from './sql-app.ts';

const total = 5_000;

interface Row {
  n: number;
  text: string;
}

/** A statement that draws a number of a sequence for each row of 4 kB, and one that returns the last number. */
const statements = {
  PostgreSQL: {
    rows: `select nextval('numbers') as n, repeat('x', 4000) as text from generate_series(1, ${total})`,
    drawn: 'select last_value as n from numbers',
  },
  MariaDB: {
    rows: `select nextval(numbers) as n, repeat('x', 4000) as text from seq_1_to_${total}`,
    drawn: 'select next_not_cached_value - 1 as n from numbers',
  },
} as const;

describe.skipIf(missing).each(Object.keys(serverKinds) as ServerName[])(`${missing || 'a stream of %s'}`, (name) => {
  const server = sharedServer(name);
  const { rows, drawn } = statements[name];

  async function start(options: object = {}): Promise<SqlApp> {
    const app = await sqlApp({ url: (await server()).url, pool: { max: 2 }, ...options });
    await sql`drop sequence if exists numbers`.execute(app.db);
    await sql.raw(`create sequence numbers ${name === 'MariaDB' ? 'nocache' : ''}`).execute(app.db);
    return app;
  }
  const drawnOf = async ({ db }: SqlApp): Promise<number> =>
    Number((await sql.raw<{ n: unknown }>(drawn).execute(db)).rows[0]!.n);
  const stream = ({ db }: SqlApp): AsyncGenerator<Row> => numbered(db, rows);

  test('returns the first rows before the server has created the last ones', async () => {
    const app = await start();
    const seen: number[] = [];
    let drawnFirst: number | undefined;
    for await (const { n, text } of stream(app)) {
      drawnFirst ??= await drawnOf(app);
      seen.push(Number(n));
      expect(text).toHaveLength(4000);
    }
    expect(drawnFirst).toBeLessThan(total);
    expect(seen).toEqual(Array.from({ length: total }, (_, index) => index + 1));
    expect(await drawnOf(app)).toBe(total);
  });

  test('that is left early frees its connection', async () => {
    const app = await start({ pool: { max: 1 } });
    for await (const { n } of stream(app)) if (Number(n) === 5) break;
    expect(app.link.pool).toMatchObject({ size: 1, used: 0 });
    expect(await urls(app.db)).toEqual([]);
  });

  test('fails with the error of its statement, and with that of its connection', async () => {
    const app = await start();
    const consume = async (rowsOf: AsyncIterable<Row>, each = (): void => undefined): Promise<void> => {
      for await (const _ of rowsOf) each();
    };
    expect((await errorOf(consume(numbered(app.db, 'select missing')))).message).toMatch('missing');
    const { wire } = await server();
    expect(await errorOf(consume(stream(app), () => wire.cut()))).toBeInstanceOf(SqlLostError);
    await wire.restore();
    expect(await urls(app.db)).toEqual([]);
  });
});

/** Streams the rows of a statement, in chunks of 50. */
async function* numbered(db: SqlApp['db'], statement: string): AsyncGenerator<Row> {
  for await (const { rows } of db.getExecutor().stream<Row>(sql.raw(statement).compile(db), 50)) yield* rows;
}
