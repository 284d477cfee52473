import { seededRandom } from '@asphalt/test-support/processes';
import { postgresServer, unavailable } from '@asphalt/testing/servers';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { crashLeaders } from './crash-leaders.ts';
import { engines } from './engines.ts';
import { createFencedData, readFigures, write } from './fenced-data.ts';

describe.skipIf(unavailable('postgres'))('fenced data', () => {
  let server: Awaited<ReturnType<typeof postgresServer>>;
  let client: pg.Client;

  beforeAll(async () => {
    server = await postgresServer();
    client = new pg.Client({ connectionString: server.url });
    await client.connect();
  }, 60_000);

  afterAll(async () => {
    await client.end();
    await server.stop();
  }, 60_000);

  beforeEach(async () => {
    await client.query('drop table if exists leader_data, refusal; drop function if exists audit');
    await createFencedData(client);
  });

  test('refuses a write with the token of an earlier term', async () => {
    await write(client, 1, 1, true);
    await write(client, 2, 2, true);
    await write(client, 1, 1, true);
    expect(await readFigures(client)).toMatchObject({ terms: 2, writes: 2, refused: 1, overlaps: 0, writer: 2 });
    expect(await readFigures(client, [1])).toMatchObject({ refused: 1, refusedUnfrozen: 0 });
  });

  test('without the fence, counts a write of an earlier term as an overlap', async () => {
    await write(client, 1, 1, false);
    await write(client, 2, 2, false);
    await write(client, 1, 1, false);
    expect(await readFigures(client)).toMatchObject({ writes: 3, refused: 0, overlaps: 1 });
  });

  test('counts writes of two processes with one token as overlaps, also with the fence', async () => {
    await write(client, 1, 1, true);
    await write(client, 1, 2, true);
    expect(await readFigures(client)).toMatchObject({ overlaps: 1 });
  });
});

describe.skipIf(unavailable('postgres') || unavailable('redis'))('the crash test of leaders', () => {
  test('finds a later leader after each kill and freeze, and no overlap', { timeout: 240_000 }, async () => {
    const redis = engines.find(({ name }) => name === 'redis')!;
    const figures = await crashLeaders(redis, { rounds: 2, random: seededRandom(5) });
    expect(figures).toMatchObject({ overlaps: 0 });
    expect(figures.kills + figures.freezes).toBe(2);
    expect(figures.terms).toBeGreaterThan(2);
  });
});
