import { postgresServer } from '@asphalt/testing/servers';
import { sql } from 'kysely';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ReadTransaction } from '../../src/index.ts';
import { sqlApp, type SqlApp, missing } from './sql-app.ts';

async function nameOf({ context }: SqlApp): Promise<string> {
  return context.run(async (request) => {
    const reading = await request.getResource(ReadTransaction);
    const { rows } = await sql<{ name: string }>`select current_setting('application_name') as name`.execute(reading);
    return rows[0]!.name;
  });
}

test.skipIf(missing)(`${missing || 'transactions that only read use the replica while it is available'}`, async () => {
  const [server, replica] = await Promise.all([postgresServer(), postgresServer()]);
  onTestFinished(() => server.stop());
  onTestFinished(() => replica.stop());
  const app = await sqlApp({ url: server.url, replica: replica.url, probe: '100ms', timeout: '500ms' });
  // Servers differ by their data only.
  const { rows } = await sql<{ path: string }>`select current_setting('data_directory') as path`.execute(app.db);
  const pathSeen = async (): Promise<string> =>
    app.context.run(async (request) => {
      const reading = await request.getResource(ReadTransaction);
      const seen = await sql<{ path: string }>`select current_setting('data_directory') as path`.execute(reading);
      return seen.rows[0]!.path;
    });
  expect(await pathSeen()).not.toBe(rows[0]!.path);
  expect(await nameOf(app)).toBe('sql');
  await replica.kill();
  await vi.waitFor(async () => expect(await pathSeen()).toBe(rows[0]!.path), { timeout: 5000 });
  await replica.start();
  await vi.waitFor(async () => expect(await pathSeen()).not.toBe(rows[0]!.path), { timeout: 5000 });
});

test.skipIf(missing)(
  `${missing || 'a replica that is not available does not keep the application from starting'}`,
  async () => {
    const [server, replica] = await Promise.all([postgresServer(), postgresServer()]);
    onTestFinished(() => server.stop());
    onTestFinished(() => replica.stop());
    await replica.kill();
    const app = await sqlApp({ url: server.url, replica: replica.url });
    expect(await nameOf(app)).toBe('sql');
    expect(app.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  },
);
