import { Deferred, errorOf } from '@asphalt/test-support';
import { sql } from 'kysely';
import { describe, expect, test, vi } from 'vitest';
import { SqlLostError, SqlPoolError } from '../../src/index.ts';
import {
  insert,
  serverKinds,
  sharedServer,
  sqlApp,
  transactionOf,
  type ServerName,
  type SqlApp,
  missing,
} from './sql-app.ts';

const sleep = { PostgreSQL: sql`select pg_sleep(30)`, MariaDB: sql`select sleep(30)` } as const;

const runningStatements = {
  PostgreSQL: sql`select 1 from pg_stat_activity where state = 'active' and query like '%pg_sleep(30)%' and pid <> pg_backend_pid()`,
  MariaDB: sql`select 1 from information_schema.processlist where info like '%sleep(30)' and id <> connection_id()`,
} as const;

describe.skipIf(missing).each(Object.keys(serverKinds) as ServerName[])(`${missing || 'the pool of %s'}`, (name) => {
  const server = sharedServer(name);
  const start = async (options: object = {}): Promise<SqlApp> => sqlApp({ url: (await server()).url, ...options });

  test('opens at most `max` connections, passes them on in order, and counts them', async () => {
    const { context, link } = await start({ pool: { max: 1 } });
    const order: string[] = [];
    const [entered, leave] = [new Deferred(), new Deferred()];
    const hold = (url: string): Promise<void> =>
      context.run(async (request) => {
        await insert(request, url);
        order.push(url);
        entered.resolve();
        await leave.promise;
      });
    const running = hold('a');
    await entered.promise;
    const waiting = ['b', 'c'].map(hold);
    expect(link.pool).toEqual({ size: 1, idle: 0, used: 1, waiting: 2 });
    leave.resolve();
    await Promise.all([running, ...waiting]);
    expect(order).toEqual(['a', 'b', 'c']);
    expect(link.pool).toEqual({ size: 1, idle: 1, used: 0, waiting: 0 });
  });

  test('fails a caller that waits longer than `timeout`', async () => {
    const { context, db } = await start({ pool: { max: 1 }, timeout: '50ms', probe: 0 });
    await context.run(async (request) => {
      await transactionOf(request);
      const error = await errorOf(db.selectFrom('page').selectAll().execute());
      expect(error).toBeInstanceOf(SqlPoolError);
      expect(error.message).toMatchSnapshot();
    });
  });

  test('is healthy, and its link stays up, while all connections are in use', async () => {
    const { app, context, link } = await start({ pool: { max: 1 }, timeout: '200ms', probe: '20ms' });
    const lost = vi.fn<() => void>();
    link.lost.subscribe(lost);
    await context.run(async (request) => {
      await transactionOf(request);
      expect((await app.health()).status).toBe('up');
      await errorOf(context.run(transactionOf));
    });
    expect(lost).not.toHaveBeenCalled();
  });

  test('closes connections that are idle, except `min`', async () => {
    const { context, link } = await start({ pool: { min: 1, max: 3, idle: '20ms' } });
    await Promise.all(['a', 'b', 'c'].map((url) => context.run((request) => insert(request, url))));
    await vi.waitFor(() => expect(link.pool).toEqual({ size: 1, idle: 1, used: 0, waiting: 0 }));
  });

  test('closes a connection whose transaction a caller has left open', async () => {
    const { db, link } = await start({ pool: { max: 1 } });
    await db.connection().execute(async (connection) => {
      await sql`begin`.execute(connection);
    });
    expect(link.pool).toMatchObject({ size: 0 });
    expect((await sql<{ one: number }>`select 1 as one`.execute(db)).rows).toEqual([{ one: 1 }]);
  });

  test('ends running statements, also in the server, when the stop takes longer than `drain`', async () => {
    const stopping = await start({ drain: '50ms' });
    const { db } = await start();
    const running = async (): Promise<number> => (await runningStatements[name].execute(db)).rows.length;
    const failed = errorOf(sleep[name].execute(stopping.db));
    await vi.waitFor(async () => expect(await running()).toBe(1));
    await stopping.app.stop();
    expect(await failed).toBeInstanceOf(SqlLostError);
    await vi.waitFor(async () => expect(await running()).toBe(0));
  });

  test('limits statements with `statementTimeout`', async () => {
    const { db } = await start({ statementTimeout: '50ms' });
    const limited = errorOf(sleep[name].execute(db));
    expect((await limited).message).toMatch(/statement timeout|max_statement_time/);
  });

  test('limits locks with `lockTimeout`', async () => {
    const { context } = await start({ lockTimeout: name === 'PostgreSQL' ? '50ms' : '1s' });
    await context.run(async (first) => {
      await insert(first, 'a');
      const second = context.run((request) => insert(request, 'a'));
      expect((await errorOf(second)).message).toMatch(/lock timeout|conflicts/);
    });
  });

  test('logs slow statements as a warning, and every statement for debugging, without parameters', async () => {
    const { context, lines } = await start({ slow: '1ms' });
    await context.run(async (request) => {
      const transaction = await transactionOf(request);
      const slow =
        name === 'PostgreSQL' ? sql`select pg_sleep(0.01), ${'secret'}` : sql`select sleep(0.01), ${'secret'}`;
      await slow.execute(transaction);
    });
    const messages = lines.map(({ level, message }) => `${level} ${message}`);
    expect(messages).toContainEqual(expect.stringMatching(/^warn Slow statement: select .*sleep/));
    expect(messages).toContainEqual(expect.stringMatching(/^debug select .*sleep/));
    expect(messages.filter((text) => /^debug (?:begin|commit)$/.test(text))).toHaveLength(2);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });
});

test.skipIf(missing)(`${missing || 'a connection is named after its component'}`, async () => {
  const server = await serverKinds.PostgreSQL();
  const { db } = await sqlApp({ url: server.url });
  const { rows } = await sql<{ name: string }>`select current_setting('application_name') as name`.execute(db);
  expect(rows).toEqual([{ name: 'sql' }]);
  await server.stop();
});
