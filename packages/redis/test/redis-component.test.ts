import { Component, component, startApplication } from '@asphalt/core';
import { redisServer, unavailable } from '@asphalt/testing/servers';
import { Deferred, errorOf, problemOf, problemsOf } from '@asphalt/test-support';
import { ClientOfflineError, DisconnectsClientError, SocketTimeoutError } from '@redis/client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Redis, RedisComponent } from '../src/index.ts';
import { redisApp } from './redis-app.ts';

const missing = unavailable('redis');

describe.skipIf(missing)(`${missing || 'a Redis client'}`, () => {
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

  test('the name of a component whose characters the server refuses becomes a valid one', async () => {
    const server = await redisServer();
    onTestFinished(() => server.stop());
    @component({ components: { 'redis/näme': RedisComponent } })
    class App extends Component {}
    const config = { components: { 'redis/näme': { url: server.url } } };
    const app = await startApplication(App, { config } as never);
    onTestFinished(() => app.stop());
    expect(await app.context.getResourceSync(Redis, 'näme').clientGetName()).toBe('redis/n-me');
  });

  test('the path of the URL selects the database', async () => {
    const { redis, server } = await redisApp();
    const second = await redisApp({ url: `${server.url}/2` });
    expect(await second.redis.clientInfo()).toMatchObject({ db: 2 });
    expect(await redis.clientInfo()).toMatchObject({ db: 0 });
  });

  test('a command, a transaction and a pipeline fail if the server does not respond, and work again afterwards', async () => {
    const { redis, server, link } = await redisApp();
    server.freeze();
    const calls = [redis.echo('late'), redis.multi().get('a').exec(), redis.multi().get('a').execAsPipeline()];
    for (const call of calls) await errorOf(call, DisconnectsClientError);
    await errorOf(redis.echo('during the outage'), ClientOfflineError);
    const restored = link.restored.wait();
    server.thaw();
    await restored;
    expect(await redis.multi().set('a', '1').get('a').exec()).toEqual(['OK', '1']);
  });

  test('a command that blocks for longer than `timeout` fails', async () => {
    const { redis } = await redisApp({ timeout: '100ms' });
    await errorOf(redis.blPop('empty', 1), DisconnectsClientError);
  });

  test('a command that blocks for less than `timeout` returns', async () => {
    const { redis, link } = await redisApp({ timeout: '1s' });
    expect(await redis.blPop('empty', 0.7)).toBeNull();
    expect(link.state).toBe('up');
  });

  test('running commands of a server that does not respond fail within `timeout` at a stop', async () => {
    const { app, redis, server, lines } = await redisApp({ timeout: '1s', drain: '1h' });
    server.freeze();
    const failed = errorOf(redis.echo('late'), DisconnectsClientError);
    await app.stop();
    await failed;
    expect(lines.at(-1)!.message).toMatch(/broke while it was being closed: no response within 1000 ms$/);
  });

  test('an attempt to reconnect whose login receives no reply ends', async () => {
    const { redis, server } = await redisApp({ probe: '1h', connect: { timeout: 100, minDelay: 20, maxDelay: 100 } });
    const ended = new Deferred();
    redis.on('error', (error) => error instanceof SocketTimeoutError && ended.resolve());
    server.wire.blackHole();
    server.wire.cut();
    await ended.promise;
  });

  test('a connection on which replies no longer arrive is replaced', async () => {
    const { redis, link } = await redisApp();
    const restored = link.restored.wait();
    await errorOf(redis.sendCommand(['CLIENT', 'REPLY', 'OFF']));
    await restored;
    expect(await redis.echo('hello')).toBe('hello');
  });
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

test.each([
  [{ database: -1 }, 'must not be negative'],
  [{ clientName: 'a b' }, 'must consist of ASCII characters without spaces'],
])('the options %j are a problem of the plan', async (config, problem) => {
  expect(await problemOf(RedisComponent, config as never)).toContain(problem);
});
