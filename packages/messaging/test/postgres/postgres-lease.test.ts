import { once } from 'node:events';
import { postgresServer, unavailable, type TestServer } from '@asphalt/testing/servers';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { PostgresLease } from '../../src/postgres/postgres-lease.ts';

const leaseMs = 60_000;

describe.skipIf(unavailable('postgres'))('a lease of PostgreSQL', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await postgresServer();
    const client = await connect();
    await client.query('create sequence asphalt_leader_terms');
    await client.end();
  }, 60_000);

  afterAll(() => server.stop(), 60_000);

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: server.url });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  test('has one term at a time, also within a process', async () => {
    const lease = new PostgresLease(connect, 'within a process');
    onTestFinished(() => lease.close());
    const tokens = await Promise.all([lease.acquire(leaseMs), lease.acquire(leaseMs)]);
    expect(tokens.filter((token) => token !== undefined)).toHaveLength(1);
    expect(await lease.acquire(leaseMs)).toBeUndefined();
    await lease.release();
    expect(await lease.acquire(leaseMs)).toBeGreaterThan(tokens[0]!);
  });

  test('keeps the term of a new session when the previous session ends late', async () => {
    const clients: pg.Client[] = [];
    const lease = new PostgresLease(async () => {
      const [previous] = clients;
      if (previous) await once(previous, 'end');
      const client = await connect();
      clients.push(client);
      return client;
    }, 'late end');
    onTestFinished(() => lease.close());
    const first = await lease.acquire(leaseMs);
    const ended = clients[0]!.end();
    await expect(lease.renew()).rejects.toThrow('Client was closed');
    await lease.release();
    expect(await lease.acquire(leaseMs)).toBeGreaterThan(first!);
    await ended;
    expect(await lease.renew()).toBe(true);
  });
});
