import { Component, inject } from '@asphalt/core';
import { RedisComponent } from '@asphalt/redis';
import { redisServer, unavailable } from '@asphalt/testing/servers';
import { WebApp } from '@asphalt/web';
import { expect, test } from 'vitest';
import { RateLimitComponent } from '../src/rate-limit.ts';
import { serve } from './serve.ts';

class Site extends Component {
  override start(@inject(WebApp) web: WebApp): void {
    web.get('/', (c) => c.text('no limit'));
    web.get('/api/time', (c) => c.text('noon'));
  }
}

const components = { limit: RateLimitComponent, site: Site };
const limit = { requests: 3, period: '1m' };

test('requests above the limit are refused until the period is over', async (context) => {
  const { send } = await serve(context, components, { limit });
  const statuses = [];
  for (let count = 0; count < 4; count += 1) statuses.push((await send('/api/time')).status);
  expect(statuses).toEqual([200, 200, 200, 429]);

  const refused = await send('/api/time');
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  expect(await refused.json()).toMatchObject({ title: 'Too Many Requests' });
  expect((await send('/')).status).toBe(200);
});

test('each response contains the rest of the limit', async (context) => {
  const { send } = await serve(context, components, { limit });
  const response = await send('/api/time');
  expect(response.headers.get('ratelimit-limit')).toBe('3');
  expect(response.headers.get('ratelimit-remaining')).toBe('2');
});

test('clients behind a trusted proxy have a limit each', async (context) => {
  const { send } = await serve(context, components, { limit, web: { port: 0, trustProxy: ['loopback'] } });
  const statusFor = async (client: string): Promise<number> =>
    (await send('/api/time', { headers: { 'x-forwarded-for': client } })).status;
  for (let count = 0; count < 3; count += 1) await statusFor('203.0.113.7');
  expect([await statusFor('203.0.113.7'), await statusFor('203.0.113.8')]).toEqual([429, 200]);
});

test.skipIf(unavailable('redis'))('processes that share Redis share the limit', async (context) => {
  const redis = await redisServer();
  context.onTestFinished(() => redis.stop());
  const config = { limit, redis: { url: redis.url } };
  const processes = [
    await serve(context, { redis: RedisComponent, ...components }, config),
    await serve(context, { redis: RedisComponent, ...components }, config),
  ];
  const statuses = [];
  for (let count = 0; count < 4; count += 1) statuses.push((await processes[count % 2]!.send('/api/time')).status);
  expect(statuses).toEqual([200, 200, 200, 429]);
});
