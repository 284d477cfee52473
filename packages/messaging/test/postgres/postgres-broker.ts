import { postgresServer, type TestServer } from '@asphalt/testing/servers';
import pg from 'pg';
import { afterAll } from 'vitest';
import type { TestBroker } from '../../src/testing/index.ts';
import { components } from './components.mjs';

let server: Promise<TestServer> | undefined;
let databases = 0;

afterAll(async () => (await server)?.stop(), 60_000);

/** A new database on a private PostgreSQL server that the tests of a file share. */
export async function postgresBroker(): Promise<TestBroker> {
  const shared = await (server ??= postgresServer());
  const url = new URL(shared.url);
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  const name = `test_${databases++}`;
  await client.query(`create database ${name}`);
  await client.end();
  url.pathname = name;
  return {
    components,
    config: {
      messaging: { url: url.href, timeout: 3000, probe: 300, connect: { minDelay: 20, maxDelay: 100 } },
    },
    engine: 'messaging',
    stop: async () => undefined,
    server: shared,
  };
}
