import { postgresServer, unavailable, type TestServer } from '@asphalt/testing/servers';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verify } from './verify.ts';

const missing = unavailable('postgres');

describe.skipIf(missing)(`${missing || 'the verification of the crash test'}`, () => {
  let server: TestServer;
  let client: pg.Client;

  beforeAll(async () => {
    server = await postgresServer();
    client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query(`create table orders (id text, status text);
      create table effect (order_id text, status text);
      insert into orders values ('fine', 'mailed'), ('placed', 'placed'), ('stranger', 'mailed');
      insert into effect values ('fine', 'charged'), ('fine', 'mailed'), ('placed', 'charged'), ('placed', 'charged');`);
  }, 60_000);
  afterAll(async () => {
    await client.end();
    await server.stop();
  }, 60_000);

  test('finds lost, unknown and repeated orders', async () => {
    const accepted = new Map([
      ['request-0', 'fine'],
      ['request-1', 'placed'],
      ['request-2', 'without a row'],
    ]);
    const charges = new Map([
      ['fine', 1],
      ['placed', 2],
    ]);
    const mails = new Map([
      ['fine', 1],
      ['placed', 2],
    ]);
    const load = { accepted, ambiguous: ['request-9'] };
    expect(await verify({ client, load, charges: { byOrder: charges }, mailsByOrder: mails })).toEqual({
      lost: ['placed', 'without a row'],
      unknown: ['stranger', 'request-9'],
      chargedTwice: ['placed'],
      notCharged: ['without a row'],
      notMailed: ['without a row'],
      mailedAgain: ['placed'],
      doubles: ['placed'],
    });
  });
});
