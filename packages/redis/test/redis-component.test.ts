import { execFileSync } from 'node:child_process';
import { requireBuild } from '@asphalt/test-support/build';
import { errorOf, problemOf, problemsOf } from '@asphalt/test-support';
import { TimeoutError } from '@redis/client';
import { expect, test } from 'vitest';
import { RedisComponent } from '../src/index.ts';
import { redisApp } from './redis-app.ts';

test('importing the package does not load the driver', () => {
  requireBuild('packages/redis');
  const program = `
    await import('@asphalt/redis');
    const { createRequire } = await import('node:module');
    const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes('@redis'));
    console.log(loaded.length);
  `;
  const cwd = new URL('..', import.meta.url);
  const args = ['--input-type=module', '--eval', program];
  expect(execFileSync(process.execPath, args, { cwd, encoding: 'utf8' })).toBe('0\n');
});

test('the options select the database, the prefix of keys and the name of the connection', async () => {
  const { redis } = await redisApp({ database: 3, keyPrefix: 'app:', clientName: 'tests' });
  await redis.set('color', 'red');
  const [clients, keys] = [await redis.clientList(), await redis.keys('*')];
  expect(clients).toMatchObject([{ name: 'tests', db: 3 }]);
  expect(keys).toEqual(['app:color']);
});

test('the connection is named after the component by default', async () => {
  const { redis } = await redisApp();
  expect(await redis.clientGetName()).toBe('redis');
});

test('the path of the URL selects the database', async () => {
  const { redis, server } = await redisApp();
  const second = await redisApp({ url: `${server.url}/2` });
  expect(await second.redis.clientInfo()).toMatchObject({ db: 2 });
  expect(await redis.clientInfo()).toMatchObject({ db: 0 });
});

test('a transaction and a pipeline fail within `timeout` if the server does not respond', async () => {
  const { redis, server } = await redisApp({ probe: 0 });
  server.freeze();
  expect((await errorOf(redis.multi().get('a').exec(), TimeoutError)).message).toBe('No reply within 300 ms');
  await errorOf(redis.multi().get('a').execAsPipeline(), TimeoutError);
  server.thaw();
  expect(await redis.multi().set('a', '1').get('a').exec()).toEqual(['OK', '1']);
});

test('a call with a limit of its own may take longer', async () => {
  const { redis } = await redisApp({ probe: 0, timeout: 50 });
  await errorOf(redis.blPop('empty', 1), TimeoutError);
  expect(await redis.withCommandOptions({ timeout: 5000 }).blPop('empty', 1)).toBeNull();
});

test('a reply after the limit does not reach the next caller', async () => {
  const { redis, server } = await redisApp({ probe: 0, timeout: 100 });
  server.freeze();
  await errorOf(redis.echo('first'), TimeoutError);
  server.thaw();
  expect(await redis.echo('second')).toBe('second');
});

test('a connection on which replies no longer arrive is replaced', async () => {
  const { redis, link } = await redisApp();
  const restored = link.restored.wait();
  await errorOf(redis.sendCommand(['CLIENT', 'REPLY', 'OFF']));
  await restored;
  expect(await redis.echo('hello')).toBe('hello');
});

test('a URL that contains no number of a database is a problem of the plan', async () => {
  expect(await problemOf(RedisComponent, { url: 'redis://db/main' } as never)).toContain(
    'must have the number of a database as its path',
  );
});

test('a database in the URL and as an option is a problem of the plan', async () => {
  const problems = await problemsOf(RedisComponent, { url: 'redis://db/1', database: 2 } as never);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain('must not be set together with a `url` that contains it');
});
