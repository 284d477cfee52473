import { Component, component, on, startApplication, type Application } from '@asphalt/core';
import { DeferredDelivery, OfflineError, type Delivery } from '@asphalt/integration';
import { Deferred, errorOf, recordingLogger, type LogLine } from '@asphalt/test-support';
import { unavailable, type TestServer } from '@asphalt/testing/servers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  Amqp,
  AmqpComponent,
  AmqpLink,
  AmqpPublisher,
  AmqpUnroutableError,
  type ConsumerOptions,
} from '../src/index.ts';
import { sharedBroker } from './shared-broker.ts';

const missing = unavailable('rabbitmq');
const { connect, broker } = sharedBroker();

interface AmqpApp {
  readonly app: Application;
  readonly server: TestServer;
  readonly amqp: Amqp;
  readonly publisher: AmqpPublisher;
  readonly link: AmqpLink;
  readonly lines: LogLine[];
}

interface Consuming extends AmqpApp {
  readonly queue: string;
  readonly deliveries: Delivery<unknown>[];
  readonly failures: string[];
}

async function start(type: new () => Component, server: TestServer, options: object): Promise<AmqpApp> {
  const { logger, lines } = recordingLogger();
  const limits = { timeout: 3000, probe: 200, connect: { maxDelay: 100, minDelay: 20, for: 0 } };
  const config = { components: { amqp: { url: server.url, ...limits, ...options } } };
  const app = await startApplication(type, { config: config as never, logger });
  onTestFinished(() => app.stop());
  const { context } = app;
  return {
    app,
    server,
    lines,
    amqp: context.getResourceSync(Amqp),
    publisher: context.getResourceSync(AmqpPublisher),
    link: context.getResourceSync(AmqpLink),
  };
}

async function server(): Promise<TestServer> {
  const wired = await connect();
  onTestFinished(() => wired.stop());
  return wired;
}

@component({ components: { amqp: AmqpComponent } })
class Client extends Component {}

let queues = 0;

interface Settings {
  readonly queue?: string;
  readonly consumer?: ConsumerOptions;
  readonly declared?: object;
  readonly config?: object;
  readonly concurrency?: number;
}

/** Starts an application whose handler consumes a queue of its own. */
async function consume(
  handle: (delivery: Delivery<unknown>) => unknown,
  { queue = `queue-${queues++}`, consumer, declared, config, concurrency = 2 }: Settings = {},
): Promise<Consuming> {
  const deliveries: Delivery<unknown>[] = [];
  const failures: string[] = [];
  const onError = (error: unknown, { id }: Delivery<unknown>): void => void failures.push(`${id}: ${String(error)}`);
  const select = (amqp: Amqp) => amqp.queue(queue, { backOff: { minDelay: 10, maxDelay: 20 }, ...consumer });

  @component({ components: { amqp: AmqpComponent } })
  class Orders extends Component {
    @on(Amqp, select, { concurrency, onError })
    async handle(delivery: Delivery<unknown>): Promise<void> {
      deliveries.push(delivery);
      await handle(delivery);
    }
  }
  const app = await start(Orders, await server(), { queues: { [queue]: { ...declared } }, ...config });
  return { ...app, queue, deliveries, failures };
}

const valuesOf = ({ deliveries }: Consuming): unknown[] => deliveries.map(({ value }) => value);

/** Returns the number of messages that wait in a queue. */
async function waitingIn({ amqp }: AmqpApp, queue: string): Promise<number> {
  return (await amqp.client.queueDeclare({ queue, passive: true })).messageCount;
}

describe.skipIf(missing)(`${missing || 'messages of an AMQP broker'}`, { timeout: 60_000 }, () => {
  test('a queue delivers values, texts and bytes with their ids and headers', async () => {
    const consuming = await consume(() => undefined);
    const { publisher, queue, deliveries } = consuming;
    await publisher.send({ routingKey: queue, messageId: 'a', headers: { sender: 'ada' } }, { to: 'bob' });
    await publisher.send(queue, 'text');
    await publisher.send({ routingKey: queue, contentType: 'application/json' }, Buffer.from('[1]'));
    await vi.waitFor(() => expect(valuesOf(consuming)).toEqual([{ to: 'bob' }, 'text', [1]]));
    expect(deliveries[0]).toMatchObject({ id: 'a', attempt: 1, headers: { sender: 'ada' } });
    await vi.waitFor(async () => expect(await waitingIn(consuming, queue)).toBe(0));
  });

  test('a message that no queue receives is an error, unless it may be lost', async () => {
    const { publisher } = await start(Client, await server(), {});
    const error = await errorOf(publisher.send('missing', 'a'), AmqpUnroutableError);
    expect(error.message).toMatchInlineSnapshot(`
      "No queue receives messages of "" with the routing key "missing"
        help         declare the queue in \`queues\`, or bind one in \`bindings\`
        code         ERR_AMQP_UNROUTABLE"
    `);
    await publisher.send({ routingKey: 'missing', mandatory: false }, 'a');
  });

  test('an exchange routes messages to the queues that are bound to it', async () => {
    const consuming = await consume(() => undefined, {
      queue: 'paid',
      config: {
        exchanges: { orders: { routing: 'topic' } },
        bindings: [{ exchange: 'orders', queue: 'paid', routingKey: 'order.*.paid' }],
      },
    });
    const { publisher } = consuming;
    await publisher.send({ exchange: 'orders', routingKey: 'order.1.new', mandatory: false }, 'new');
    await publisher.send({ exchange: 'orders', routingKey: 'order.1.paid' }, 'paid');
    await vi.waitFor(() => expect(valuesOf(consuming)).toEqual(['paid']));
  });

  test('a failed message is retried, and moves to the queue of dead letters with its error', async () => {
    const consuming = await consume(
      () => {
        throw new Error('no such address');
      },
      { consumer: { attempts: 3 }, declared: { deadLetter: 'dead' } },
    );
    const { publisher, queue, amqp, failures, deliveries } = consuming;
    await publisher.send({ routingKey: queue, messageId: 'a' }, { to: 'bob' });
    await vi.waitFor(() => expect(failures).toEqual(['a: Error: no such address']));
    expect(deliveries.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    const dead = await amqp.client.basicGet('dead');
    expect(dead).toMatchObject({ messageId: 'a', body: { to: 'bob' } });
    expect(dead!.headers).toMatchObject({ 'asphalt-error': 'Error: no such address' });
  });

  test('the broker moves a failed message if the queue has a dead-letter exchange', async () => {
    const declared = { arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'unreadable' } };
    const consuming = await consume(() => undefined, { declared, config: {} });
    await consuming.amqp.client.queueDeclare('unreadable');
    const broken = { routingKey: consuming.queue, contentType: 'application/octet-stream' };
    await consuming.publisher.send(broken, Buffer.from('{'));
    await vi.waitFor(() => expect(consuming.failures).toHaveLength(1));
    expect(consuming.failures[0]).toContain('A payload is not valid JSON');
    await vi.waitFor(async () => expect(await waitingIn(consuming, 'unreadable')).toBe(1));
  });

  test('a deferred message is not counted, and handlers run as often at a time as the concurrency', async () => {
    let running = 0;
    let most = 0;
    const two = new Deferred();
    const consuming = await consume(async ({ value, attempt }) => {
      most = Math.max(most, ++running);
      if (running === 2) two.resolve();
      await two.promise;
      running--;
      if (value === 'deferred' && consuming.deliveries.length < 30) throw new DeferredDelivery(10);
      expect(attempt).toBe(1);
    });
    const { publisher, queue, failures } = consuming;
    await publisher.send(queue, 'deferred');
    for (let number = 0; number < 30; number++) await publisher.send(queue, 'x');
    await vi.waitFor(async () => expect(await waitingIn(consuming, queue)).toBe(0));
    await vi.waitFor(() => expect(consuming.deliveries.length).toBeGreaterThan(31));
    expect([most, failures]).toEqual([2, []]);
  });

  test.each([
    ['classic', () => new Error('busy')],
    ['quorum', () => new DeferredDelivery(200)],
  ])(
    'a retry of a %s queue waits in the broker, outside of the prefetch, also for another process',
    async (type, thrown) => {
      const settings = {
        consumer: { backOff: { minDelay: 200, maxDelay: 200 } },
        declared: { arguments: { 'x-queue-type': type } },
        config: { prefetch: 1 },
        concurrency: 1,
      };
      const first = await consume(({ value }) => {
        if (value === 'a') throw thrown();
      }, settings);
      const { publisher, queue } = first;
      const failing = { routingKey: queue, messageId: 'id-a', headers: { sender: 'ada' } };
      await Promise.all([publisher.send(failing, 'a'), publisher.send(queue, 'b')]);
      await vi.waitFor(() => expect(valuesOf(first).slice(0, 2)).toEqual(['a', 'b']), { timeout: 5000 });
      await first.app.stop();
      const second = await consume(() => undefined, { ...settings, queue });
      await vi.waitFor(() => expect(valuesOf(second)).toEqual(['a']), { timeout: 5000 });
      const failures = valuesOf(first).filter((value) => value === 'a').length;
      const attempt = type === 'classic' ? failures + 1 : 1;
      expect(second.deliveries[0]).toEqual({ id: 'id-a', value: 'a', attempt, headers: { sender: 'ada' } });
    },
  );

  test('a retry waits in the process if the broker refuses its queue', async () => {
    const consumer = { backOff: { minDelay: 100, maxDelay: 100 } };
    const consuming = await consume(
      () => {
        if (consuming.deliveries.length === 1) throw new Error('busy');
      },
      { consumer },
    );
    const { publisher, queue, amqp, lines } = consuming;
    await amqp.client.queueDeclare({ queue: `${queue}.retry.100`, durable: false });
    await publisher.send(queue, 'a');
    await vi.waitFor(() => expect(consuming.deliveries.map(({ attempt }) => attempt)).toEqual([1, 2]));
    expect(lines.map(({ message }) => message)).toContain(`A retry of ${queue} waits in this process`);
    await amqp.client.queueDelete(`${queue}.retry.100`);
  });

  test('a stop acknowledges the running message, and returns the others', async () => {
    const [started, handled] = [new Deferred(), new Deferred()];
    const first = await consume(
      async () => {
        started.resolve();
        await handled.promise;
      },
      { concurrency: 1 },
    );
    for (const value of ['a', 'b', 'c']) await first.publisher.send(first.queue, value);
    await started.promise;
    const stopped = first.app.stop();
    handled.resolve();
    await stopped;
    const second = await consume(() => undefined, { queue: first.queue });
    await vi.waitFor(() => expect(valuesOf(second)).toEqual(['b', 'c']));
    expect(valuesOf(first)).toEqual(['a']);
  });

  test('a message whose confirmation is lost is sent again with the same id', async () => {
    const consuming = await consume(() => undefined);
    const { publisher, queue, link, deliveries } = consuming;
    const lost = link.lost.wait();
    const sent = publisher.send(queue, 'a');
    consuming.server.wire.cut();
    await lost;
    await sent;
    await vi.waitFor(() => expect(deliveries.length).toBeGreaterThan(0));
    expect(new Set(deliveries.map(({ id }) => id)).size).toBe(1);
  });

  test('a message that is sent during an outage waits for its end, at most for `timeout`', async () => {
    const consuming = await consume(() => undefined);
    const { publisher, queue, link } = consuming;
    await consuming.server.kill();
    await vi.waitFor(() => expect(link.state).toBe('lost'));
    await errorOf(async () => consuming.amqp.client, OfflineError);
    const sent = publisher.send(queue, 'a');
    await consuming.server.start();
    await sent;
    await vi.waitFor(() => expect(valuesOf(consuming)).toEqual(['a']));
    const impatient = await start(Client, consuming.server, { timeout: 200 });
    await consuming.server.kill();
    await vi.waitFor(() => expect(impatient.link.state).toBe('lost'));
    await errorOf(impatient.publisher.send(queue, 'b'));
  });

  test('a message is delivered again if the connection breaks before its acknowledgement', async () => {
    const handling = new Deferred();
    const consuming = await consume(() => (consuming.deliveries.length === 1 ? handling.promise : undefined));
    await consuming.publisher.send(consuming.queue, 'a');
    await vi.waitFor(() => expect(consuming.deliveries).toHaveLength(1));
    consuming.server.wire.cut();
    await vi.waitFor(() => expect(valuesOf(consuming)).toEqual(['a', 'a']), { timeout: 5000 });
    handling.resolve();
    await vi.waitFor(() => expect(consuming.lines.map(({ message }) => message).join()).toContain('cannot be settled'));
  });

  test('a declaration that differs from the broker fails the start at once', async () => {
    const declared = { arguments: { 'x-message-ttl': 1000 } };
    const { queue } = await consume(() => undefined, { declared });
    const connectOptions = { connect: { for: '10s' } };
    const error = await errorOf(start(Client, await server(), { queues: { [queue]: {} }, ...connectOptions }));
    expect(error.message).toMatch(/attempts +1 within/);
    expect(error.message).toContain("inequivalent arg 'x-message-ttl'");
  });

  test('a queue that does not exist is reported once, and consumed when it exists', async () => {
    const queue = `late-${queues++}`;
    const consuming = await consume(() => undefined, { queue, config: { queues: {} } });
    const reports = (): LogLine[] => consuming.lines.filter(({ message }) => message.includes('cannot be consumed'));
    await vi.waitFor(() => expect(reports()).toHaveLength(1));
    await consuming.amqp.client.queueDeclare({ queue, durable: true });
    await consuming.publisher.send(queue, 'a');
    await vi.waitFor(() => expect(valuesOf(consuming)).toEqual(['a']), { timeout: 5000 });
    expect(reports()).toHaveLength(1);
  });

  test('stored messages survive a restart of the broker, and consumers continue', async () => {
    const waiting = await start(Client, await server(), { queues: { kept: {} } });
    await waiting.publisher.send('kept', 'a');
    await broker().kill();
    await vi.waitFor(() => expect(waiting.link.state).toBe('lost'), { timeout: 5000 });
    await broker().start();
    await vi.waitFor(() => expect(waiting.link.state).toBe('up'), { timeout: 10_000 });
    const consuming = await consume(() => undefined, { queue: 'kept' });
    await waiting.publisher.send('kept', 'b');
    await vi.waitFor(() => expect(valuesOf(consuming)).toEqual(['a', 'b']), { timeout: 5000 });
  });
});
