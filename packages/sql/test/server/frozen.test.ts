/** Statements that receive no result, and those that only take long. */
import { Deferred, errorOf } from '@asphalt/test-support';
import { postgresServer } from '@asphalt/testing/servers';
import { sql } from 'kysely';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { insert, missing, serverKinds, sharedServer, sqlApp, urls, type ServerName, type SqlApp } from './sql-app.ts';

const sleep = { PostgreSQL: sql`select pg_sleep(1.5)`, MariaDB: sql`select sleep(1.5)` } as const;
/** No test waits for the probe of the link. */
const limits = { timeout: '500ms', probe: '1h' };

describe.skipIf(missing).each(Object.keys(serverKinds) as ServerName[])(`${missing || 'a statement of %s'}`, (name) => {
  const server = sharedServer(name);
  const start = async (options: object = {}): Promise<SqlApp> =>
    sqlApp({ url: (await server()).url, ...limits, ...options });

  test('on a server that freezes fails before the next probe, and the pool works again after the thaw', async () => {
    const { context, db, link } = await start({ pool: { min: 2 } });
    const events: string[] = [];
    link.lost.subscribe(({ reason }) => events.push(reason));
    link.restored.subscribe(() => events.push('restored'));
    const frozen = await server();
    const [open, leave] = [new Deferred(), new Deferred()];
    const transaction = context.run(async (request) => {
      await insert(request, 'a');
      open.resolve();
      await leave.promise;
      await insert(request, 'b');
    });
    await open.promise;
    frozen.freeze();
    leave.resolve();
    const outcomes = await Promise.all([errorOf(transaction), errorOf(sql`select 1`.execute(db))]);
    for (const error of outcomes) expect(error).toMatchObject({ code: 'ERR_SQL_LOST', statement: expect.any(String) });
    expect(link.state).toBe('lost');
    frozen.thaw();
    await vi.waitFor(() => expect(link.state).toBe('up'), { timeout: 5000 });
    expect(await urls(db)).toEqual([]);
    expect(events).toEqual(['no response within 500 ms', 'restored']);
  });

  test('that takes long is not ended while the server responds', async () => {
    const { db, link } = await start({ pool: { max: 1 }, probe: '50ms' });
    const lost = vi.fn<() => void>();
    link.lost.subscribe(lost);
    expect((await sleep[name].execute(db)).rows).toHaveLength(1);
    expect(lost).not.toHaveBeenCalled();
  });
});

describe.skipIf(missing)(`${missing || 'PostgreSQL'}`, () => {
  test('a server that accepts no further connection is up, and ends no statement', async () => {
    const server = await postgresServer();
    onTestFinished(() => server.stop());
    const setup = await sqlApp({ url: server.url });
    await sql`alter system set max_connections = 4`.execute(setup.db);
    await setup.app.stop();
    await server.kill();
    await server.start();
    const { app, db, link } = await sqlApp({ url: server.url, ...limits, probe: '50ms', pool: { max: 4 } });
    const lost = vi.fn<() => void>();
    link.lost.subscribe(lost);
    const running = Array.from({ length: 4 }, () => sleep.PostgreSQL.execute(db));
    await vi.waitFor(() => expect(link.pool).toMatchObject({ used: 4 }));
    expect((await app.health()).status).toBe('up');
    await Promise.all(running);
    expect(lost).not.toHaveBeenCalled();
  });
});
