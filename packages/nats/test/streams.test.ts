import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Component, inject } from '@asphalt/core';
import { errorOf } from '@asphalt/test-support';
import { unavailable, type TestServer } from '@asphalt/testing/servers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { NatsComponent, NatsKv } from '../src/index.ts';
import { natsApp, startNats } from './nats-app.ts';

const missing = unavailable('nats');

/** Returns the URL of a proxy that replaces the version in the greeting of a server. */
async function presentedAs(version: string, { host, port }: TestServer): Promise<string> {
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const upstream = connect({ host, port });
    upstream.once('data', (greeting) => {
      client.write(greeting.toString().replace(/"version":"[^"]*"/, `"version":"${version}"`));
      upstream.pipe(client);
    });
    client.pipe(upstream);
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => undefined));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  });
  await once(proxy, 'listening');
  return `nats://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

describe.skipIf(missing)(`${missing || 'the streams and buckets of a NATS server'}`, () => {
  test('a missing stream is created, and an equal one is used', async () => {
    const streams = { orders: { subjects: ['orders.*'], retention: 'workqueue' } };
    const { jetStream, server } = await natsApp({ streams });
    await jetStream.client.publish('orders.new', '1');
    const second = await natsApp({ streams }, server);
    const manager = await second.jetStream.client.jetstreamManager();
    const { config, state } = await manager.streams.info('orders');
    expect(config).toMatchObject({ subjects: ['orders.*'], retention: 'workqueue', storage: 'file' });
    expect(state.messages).toBe(1);
  });

  test('a stream with other settings fails the start and stays as it is', async () => {
    const { jetStream, server } = await natsApp({ streams: { orders: { subjects: ['orders.*'] } } });
    const streams = { orders: { subjects: ['orders.*', 'returns'], storage: 'memory' } };
    const error = await errorOf(natsApp({ streams, connect: { for: '10s' } }, server));
    expect(error.message).toContain('The option `streams.orders` differs from the server in `subjects`, `storage`');
    const manager = await jetStream.client.jetstreamManager();
    expect((await manager.streams.info('orders')).config.subjects).toEqual(['orders.*']);
  });

  test('a setting that the server does not know fails the start', async () => {
    const streams = { orders: { subjects: ['orders.*'], allow_msg_tl: true } };
    expect((await errorOf(natsApp({ streams }))).message).toContain('differs from the server in `allow_msg_tl`');
  });

  test('a server without JetStream fails the start at once if streams are needed, and not otherwise', async () => {
    const server = await startNats({ settings: { jetstream: undefined } });
    const { link } = await natsApp({}, server);
    expect(link.state).toBe('up');
    const streams = { orders: { subjects: ['orders.*'] } };
    const error = await errorOf(natsApp({ streams, connect: { for: '10s' } }, server));
    expect(error.message).toMatch(/attempts +1 within/);
    expect(error.message).toContain('The option `streams` needs JetStream');
    expect(error.message).toContain('start nats-server with `-js`');
  });

  test.each([
    ['2.8.4', {}, 'The option `url` needs NATS 2.9.4 for this package, and the server has 2.8.4'],
    [
      '2.11.3',
      { allow_atomic: true },
      '`streams.orders` needs NATS 2.12 for `allow_atomic`, and the server has 2.11.3',
    ],
  ])(
    'a server of version %s with the settings %j of a stream fails the start at once',
    async (version, settings, problem) => {
      const server = await startNats();
      const url = await presentedAs(version, server);
      const streams = { orders: { subjects: ['orders.*'], ...settings } };
      const error = await errorOf(natsApp({ url, streams, connect: { for: '10s' } }, server));
      expect(error.message).toContain(problem);
      expect(error.message).toMatch(/attempts +1 within/);
      expect(error.message).toContain('update the server');
    },
  );

  test('a bucket is a resource with the name of the bucket', async () => {
    const seen: string[] = [];
    class Sessions extends Component {
      override async start(@inject(NatsKv, 'sessions') sessions: NatsKv): Promise<void> {
        await sessions.client.put('ada', 'admin');
        seen.push((await sessions.client.get('ada'))!.string());
        const { bucket, ttl, history } = await sessions.client.status();
        seen.push(`${bucket} ${ttl} ${history}`);
      }
    }
    await natsApp({ buckets: { sessions: { ttl: '1h', history: 3 } } }, undefined, { app: Sessions });
    expect(seen).toEqual(['admin', 'sessions 3600000 3']);
  });

  test('the buckets of a second server name its resources', async () => {
    const [first, second] = [await startNats(), await startNats()];
    const archive = { url: second.url, buckets: { old: {} }, components: { 'bucket/old': { nats: 'archive' } } };
    const { app } = await natsApp({ buckets: { recent: {} } }, first, { 'nats/archive': NatsComponent }, archive);
    await app.context.getResourceSync(NatsKv, 'old').client.put('a', '1');
    expect(await app.context.getResourceSync(NatsKv, 'recent').client.get('a')).toBeNull();
  });

  test('a bucket with other settings fails the start', async () => {
    const { server } = await natsApp({ buckets: { sessions: { ttl: '1h' } } });
    const error = await errorOf(natsApp({ buckets: { sessions: { ttl: '2h', storage: 'memory' } } }, server));
    expect(error.message).toContain('The option `buckets.sessions` differs from the server in `ttl`, `storage`');
  });

  test('streams and buckets that a restarted server has lost are created again', async () => {
    const streams = { events: { subjects: ['events'], storage: 'memory' } };
    const { app, jetStream, server, link } = await natsApp({ streams, buckets: { locks: { storage: 'memory' } } });
    await server.kill();
    await vi.waitFor(() => expect(link.state).toBe('lost'));
    await server.start();
    await vi.waitFor(() => expect(link.state).toBe('up'), { timeout: 5000 });
    await jetStream.client.publish('events', '1');
    const locks = app.context.getResourceSync(NatsKv, 'locks');
    await locks.client.put('a', '1');
    expect((await locks.client.get('a'))!.string()).toBe('1');
  });
});
