import { setImmediate } from 'node:timers/promises';
import { Component, on, type ComponentClass } from '@asphalt/core';
import { DeferredDelivery, type Delivery } from '@asphalt/integration';
import { Deferred } from '@asphalt/test-support';
import { unavailable, Wire, type TestServer } from '@asphalt/testing/servers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { JetStream, type ConsumerOptions } from '../src/index.ts';
import { natsApp, startNats, type NatsApp } from './nats-app.ts';

const missing = unavailable('nats');

interface Consuming extends NatsApp {
  readonly deliveries: Delivery<string>[];
  readonly failures: string[];
  send(...values: readonly (string | number)[]): Promise<void>;
  /** Number of messages that no consumer has acknowledged. */
  left(stream?: string): Promise<number>;
}

/** Starts an application whose handler consumes the stream `orders`. */
async function consume(
  handle: (delivery: Delivery<string>) => unknown,
  options: ConsumerOptions = {},
  server?: TestServer,
  concurrency = 2,
  settings: object = {},
  own: object = {},
): Promise<Consuming> {
  const orders = { subjects: ['orders.*'], retention: 'workqueue', ...settings };
  const deliveries: Delivery<string>[] = [];
  const failures: string[] = [];
  const backOff = { minDelay: 10, maxDelay: 20 };
  const select = (jetStream: JetStream) =>
    jetStream.consumer<string>('orders', 'worker', { backOff, deadLetters: 'dead', ...options });

  class Orders extends Component {
    @on(JetStream, select, { concurrency, onError: (error, { id }) => void failures.push(`${id}: ${String(error)}`) })
    async handle(delivery: Delivery<string>): Promise<void> {
      deliveries.push(delivery);
      await handle(delivery);
    }
  }
  const app = await natsApp({ streams: { orders, dead: { subjects: ['dead'] } }, ...own }, server, {
    orders: Orders as ComponentClass,
  });
  return {
    ...app,
    deliveries,
    failures,
    async send(...values) {
      const { client } = app.jetStream;
      for (const value of values) await client.publish('orders.new', JSON.stringify(value), { msgID: `id-${value}` });
    },
    async left(stream = 'orders') {
      const manager = await app.jetStream.client.jetstreamManager();
      return (await manager.streams.info(stream)).state.messages;
    },
  };
}

describe.skipIf(missing)(`${missing || 'a consumer of a stream'}`, () => {
  test('receives messages, and removes each one after its handler', async () => {
    const { send, deliveries, left } = await consume(() => undefined);
    await send('a', 'b', 'c');
    await vi.waitFor(async () => expect(await left()).toBe(0));
    expect(deliveries.map(({ id, value, attempt }) => `${id} ${value} ${attempt}`).toSorted()).toEqual([
      'id-a a 1',
      'id-b b 1',
      'id-c c 1',
    ]);
  });

  test('handles at most as many messages at a time as the concurrency of its handler', async () => {
    let running = 0;
    let most = 0;
    const two = new Deferred();
    const { send, left } = await consume(async () => {
      most = Math.max(most, ++running);
      if (running === 2) two.resolve();
      await two.promise;
      running--;
    });
    await send(...Array.from({ length: 40 }, (_, number) => number));
    await vi.waitFor(async () => expect(await left()).toBe(0), { timeout: 5000 });
    expect(most).toBe(2);
  });

  test('retries a failed message, and stores it with its error after the last attempt', async () => {
    const { send, deliveries, failures, jetStream, left } = await consume(
      () => {
        throw new Error('no such address');
      },
      { attempts: 3 },
    );
    await send('a');
    await vi.waitFor(() => expect(failures).toEqual(['id-a: Error: no such address']));
    expect(deliveries.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(await left()).toBe(0);
    const dead = await jetStream.client.streams.get('dead').then((stream) => stream.getMessage({ seq: 1 }));
    expect(dead!.json()).toBe('a');
    expect(dead!.header.get('asphalt-error')).toBe('Error: no such address');
  });

  test('stores a payload that cannot be read without a retry', async () => {
    const { deliveries, failures, jetStream, left } = await consume(() => undefined);
    await jetStream.client.publish('orders.new', '{');
    await vi.waitFor(() => expect(failures).toHaveLength(1));
    expect(failures[0]).toContain('A payload is not valid JSON');
    expect([deliveries.length, await left(), await left('dead')]).toEqual([0, 0, 1]);
  });

  test('does not count a deferred delivery', async () => {
    const attempts: number[] = [];
    const { send, left } = await consume(({ attempt }) => {
      attempts.push(attempt);
      if (attempts.length < 3) throw new DeferredDelivery(10);
    });
    await send('a');
    await vi.waitFor(async () => expect(await left()).toBe(0));
    expect(attempts).toEqual([1, 1, 1]);
  });

  test('does not count the deferred deliveries of another process', async () => {
    const server = await startNats();
    const defer = () => Promise.reject(new DeferredDelivery(1));
    const first = await consume(defer, { attempts: 2 }, server);
    await first.send('a');
    await vi.waitFor(() => expect(first.deliveries.length).toBeGreaterThan(2), { timeout: 5000 });
    await first.app.stop();
    const second = await consume(() => undefined, {}, server);
    await vi.waitFor(async () => expect(await second.left()).toBe(0), { timeout: 5000 });
    expect(
      [...first.deliveries, ...second.deliveries].map(({ attempt }) => attempt).filter((attempt) => attempt > 1),
    ).toEqual([]);
    expect(second.deliveries).toHaveLength(1);
  });

  test('logs that deferred deliveries count if it may not create the bucket of their numbers', async () => {
    const deny = ['$JS.API.STREAM.CREATE.KV_asphalt-deferrals'];
    const user = { user: 'ada', password: 'a1b2', permissions: { publish: { deny }, subscribe: '>' } };
    const server = await startNats({ settings: { authorization: { users: [user] } } });
    const login = { username: 'ada', password: 'a1b2', timeout: 300 };
    const { send, deliveries, left, lines } = await consume(
      ({ attempt }) => {
        if (attempt === 1) throw new DeferredDelivery(1);
      },
      {},
      server,
      2,
      {},
      login,
    );
    await send('a');
    await vi.waitFor(async () => expect(await left()).toBe(0), { timeout: 5000 });
    expect(deliveries.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(lines.map(({ message }) => message)).toContain('Deferred deliveries of orders/worker count as attempts');
  });

  test('keeps the lease of a message while its handler runs', async () => {
    const handled = new Deferred();
    const leaseMs = 600;
    const { send, deliveries, jetStream, left } = await consume(() => handled.promise, { leaseMs });
    await send('a');
    await vi.waitFor(() => expect(deliveries).toHaveLength(1));
    // The lease of a message that no process renews ends after that of the handled one.
    const manager = await jetStream.client.jetstreamManager();
    await manager.streams.add({ name: 'control', subjects: ['control'] });
    const control = { durable_name: 'control', ack_policy: 'explicit', ack_wait: leaseMs * 1_000_000 } as const;
    await manager.consumers.add('control', control);
    await jetStream.client.publish('control');
    const consumer = await jetStream.client.consumers.get('control', 'control');
    await consumer.next();
    expect((await consumer.next())!.redelivered).toBe(true);
    expect(deliveries).toHaveLength(1);
    handled.resolve();
    await vi.waitFor(async () => expect(await left()).toBe(0));
    expect(deliveries).toHaveLength(1);
  });

  test('continues after a restart of the server, and loses no message', async () => {
    const { send, deliveries, server, link, left } = await consume(() => undefined);
    await send('a');
    await vi.waitFor(() => expect(deliveries).toHaveLength(1));
    await server.kill();
    await vi.waitFor(() => expect(link.state).toBe('lost'));
    await server.start();
    await vi.waitFor(() => expect(link.state).toBe('up'), { timeout: 5000 });
    await send('b');
    await vi.waitFor(async () => expect(await left()).toBe(0), { timeout: 8000 });
    expect(deliveries.map(({ value }) => value)).toEqual(['a', 'b']);
  });

  test('acknowledges the running message when its application stops, and leaves the others', async () => {
    const server = await startNats();
    const [started, handled] = [new Deferred(), new Deferred()];
    const first = await consume(
      async () => {
        started.resolve();
        await handled.promise;
      },
      {},
      server,
      1,
    );
    await first.send('a', 'b');
    await started.promise;
    const stopped = first.app.stop();
    handled.resolve();
    await stopped;
    const second = await consume(() => undefined, {}, server, 1);
    await vi.waitFor(async () => expect(await second.left()).toBe(0));
    expect([first, second].map(({ deliveries }) => deliveries.map(({ value }) => value))).toEqual([['a'], ['b']]);
  });

  test('returns the messages that arrive while its application stops, and counts no attempt', async () => {
    const server = await startNats();
    const { hostname, port } = new URL(server.url);
    const wire = await Wire.open({ host: hostname, port: Number(port) });
    onTestFinished(() => wire.close());
    const own = { url: wire.through(server.url), probe: 0 };
    const first = await consume(() => undefined, {}, server, 2, {}, own);
    const { jetStream } = await natsApp({}, server);
    const { consumers } = await jetStream.client.jetstreamManager();
    const state = () => consumers.info('orders', 'worker');
    await vi.waitFor(async () => expect(await state()).toMatchObject({ num_waiting: 1 }));
    wire.blackHole();
    for (const value of ['"a"', '"b"']) await jetStream.client.publish('orders.new', value);
    await vi.waitFor(async () => expect(await state()).toMatchObject({ num_ack_pending: 2 }));
    const stopped = first.app.stop();
    await setImmediate();
    wire.flow();
    await stopped;
    expect(first.deliveries).toEqual([]);
    const second = await consume(() => undefined, {}, server);
    await vi.waitFor(async () => expect(await second.left()).toBe(0), { timeout: 5000 });
    expect(second.deliveries.map(({ value, attempt }) => `${value} ${attempt}`).toSorted()).toEqual(['a 1', 'b 1']);
  });

  test('creates its consumer again if a restarted server has lost the stream in memory', async () => {
    const { send, deliveries, server, link } = await consume(() => undefined, {}, undefined, 2, { storage: 'memory' });
    await send('a');
    await vi.waitFor(() => expect(deliveries).toHaveLength(1));
    await server.kill();
    await vi.waitFor(() => expect(link.state).toBe('lost'));
    await server.start();
    await vi.waitFor(() => expect(link.state).toBe('up'), { timeout: 5000 });
    await send('b');
    await vi.waitFor(() => expect(deliveries.map(({ value }) => value)).toEqual(['a', 'b']), { timeout: 8000 });
  });

  test('receives only the subject of its options', async () => {
    const { jetStream, deliveries } = await consume(() => undefined, { subject: 'orders.paid' });
    await jetStream.client.publish('orders.new', '"new"');
    await jetStream.client.publish('orders.paid', '"paid"');
    await vi.waitFor(() => expect(deliveries.map(({ value }) => value)).toEqual(['paid']));
  });
});
