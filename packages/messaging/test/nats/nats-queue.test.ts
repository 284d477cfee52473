/** Queues on NATS: the server's count of deliveries, keys, and changes of the server. */
import { DeferredDelivery } from '@asphalt/integration';
import { JetStream } from '@asphalt/nats';
import { natsServer, unavailable, type NatsServerOptions, type TestServer } from '@asphalt/testing/servers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Delivery, QueueOptions } from '../../src/index.ts';
import { consumer, Journal } from '../../src/testing/consumer.ts';
import { brokerOf, startReplica, type Replica } from '../../src/testing/replica.ts';
import { natsBroker } from './nats-broker.ts';

const contract = { name: 'nats', broker: natsBroker };
const quick: QueueOptions<string> = { attempts: 3, backoff: { minDelay: 10, maxDelay: 40 } };

function handler(journal: Journal, work: (delivery: Delivery<string>) => unknown = () => undefined) {
  return consumer({ source: (messaging) => messaging.queue('mails', quick).messages, journal, work });
}

const mailsOf = ({ messaging }: Replica) => messaging.queue<string>('mails', quick);
const managerOf = ({ app }: Replica) => app.context.getResourceSync(JetStream).client.jetstreamManager();

describe.skipIf(unavailable('nats'))('a queue on NATS', () => {
  test('deferred deliveries and delays do not count as attempts in another process either', async () => {
    const broker = await brokerOf(contract);
    const attempts: number[] = [];
    const first = new Journal();
    const deferring = await startReplica(broker, {
      handler: handler(first, ({ attempt }) => {
        attempts.push(attempt);
        throw attempts.length === 2 ? new Error('busy') : new DeferredDelivery(attempts.length < 4 ? 10 : 300);
      }),
    });
    await mailsOf(deferring).send('ada', { delay: 200 });
    await first.until('undo', 4);
    await deferring.app.stop();
    expect(attempts).toEqual([1, 1, 2, 2]);
    const second = new Journal();
    await startReplica(broker, {
      handler: handler(second, ({ attempt }) => {
        attempts.push(attempt);
        throw new Error('broken');
      }),
    });
    await second.until('dead', 1);
    expect(attempts).toEqual([1, 1, 2, 2, 2, 3]);
  });

  test('a key is remembered until its message was handled, also after `keep`', async () => {
    const journal = new Journal();
    const replica = await startReplica(await brokerOf(contract), { handler: handler(journal), options: { keep: 100 } });
    const mails = mailsOf(replica);
    await mails.send('first', { key: 'welcome', delay: 600 });
    await vi.waitFor(async () => expect(await mails.state()).toMatchObject({ ready: 0, running: 1 }));
    // The server forgets the first message as a duplicate.
    await new Promise((resolve) => setTimeout(resolve, 200));
    await mails.send('second', { key: 'welcome' });
    await journal.until('done', 1);
    await vi.waitFor(async () => expect(await mails.state()).toMatchObject({ running: 0 }));
    await mails.send('third', { key: 'welcome' });
    expect(await journal.until('done', 2)).toEqual(['first', 'third']);
  });

  test('no note about a message remains when it was handled', async () => {
    const journal = new Journal();
    const work = (): void => {
      if (journal.of('start').length === 1) throw new DeferredDelivery(10);
    };
    const replica = await startReplica(await brokerOf(contract), { handler: handler(journal, work) });
    await mailsOf(replica).send('ada');
    await journal.until('done', 1);
    const { streams } = await managerOf(replica);
    await vi.waitFor(async () => expect((await streams.info('asphalt-queue-mails')).state.messages).toBe(0));
  });

  test('the payload of another program is handled', async () => {
    const journal = new Journal();
    const replica = await startReplica(await brokerOf(contract), { handler: handler(journal) });
    const { client } = replica.app.context.getResourceSync(JetStream);
    await vi.waitFor(() => client.publish('asphalt.queue.mails.message.-', JSON.stringify('ada')));
    expect(await journal.until('done', 1)).toEqual(['ada']);
  });

  test('changed settings apply to streams and consumers that exist', async () => {
    const broker = await brokerOf(contract);
    for (const options of [
      { keep: 5000, lease: 4000, retain: 60_000 },
      { keep: 3000, lease: 2000, retain: 30_000 },
    ]) {
      const journal = new Journal();
      const replica = await startReplica(broker, { handler: handler(journal), options });
      await mailsOf(replica).send('ada');
      await replica.messaging.topic('news').publish('ada');
      await journal.until('done', 1);
      const { streams, consumers } = await managerOf(replica);
      const nanos = (ms: number): number => ms * 1_000_000;
      const { config: queue } = await streams.info('asphalt-queue-mails');
      expect(queue).toMatchObject({ duplicate_window: nanos(options.keep), retention: 'workqueue' });
      expect((await streams.info('asphalt-topic-news')).config.max_age).toBe(nanos(options.retain));
      const { config } = await consumers.info('asphalt-queue-mails', 'handlers');
      expect(config.ack_wait).toBe(nanos(options.lease));
      await replica.app.stop();
    }
  });

  test('a handler and a sender continue when the server has lost the stream', { timeout: 30_000 }, async () => {
    const broker = await brokerOf(contract);
    const journal = new Journal();
    const replica = await startReplica(broker, { handler: handler(journal), options: { lease: 1000 } });
    await mailsOf(replica).send('before');
    await journal.until('done', 1);
    const { streams } = await managerOf(replica);
    await streams.delete('asphalt-queue-mails');
    await vi.waitFor(() => mailsOf(replica).send('after'), { timeout: 10_000 });
    expect(await journal.until('done', 2)).toEqual(['before', 'after']);
  });

  test('applications with different prefixes do not share queues', async () => {
    const broker = await brokerOf(contract);
    const journal = new Journal();
    const blue = await startReplica(broker, { options: { prefix: 'blue' } });
    await mailsOf(blue).send('ada');
    const green = await startReplica(broker, { handler: handler(journal), options: { prefix: 'green' } });
    await mailsOf(green).send('bob');
    expect(await journal.until('done', 1)).toEqual(['bob']);
    expect(await blue.messaging.states()).toMatchObject([{ name: 'mails', ready: 1 }]);
  });
});

describe.skipIf(unavailable('nats'))('a leader on NATS', () => {
  test('a token increases after the lease has ended and the server was restarted', async () => {
    const broker = await brokerOf(contract);
    const { messaging } = await startReplica(broker);
    const tokens: number[] = [];
    const lead = (): Promise<void> =>
      messaging.leader('poller', { lease: 300 }).run(new AbortController().signal, async ({ token, abort }) => {
        tokens.push(token);
        if (tokens.length > 1) return;
        await broker.server!.kill();
        await new Promise<void>((resolve) => abort.addEventListener('abort', () => resolve(), { once: true }));
        await broker.server!.start();
      });
    await lead();
    expect(tokens).toHaveLength(2);
    expect(tokens[1]).toBeGreaterThan(tokens[0]!);
  });

  test('a lease that servers refuse is an error that states the shortest one', async () => {
    const { messaging } = await startReplica(await brokerOf(contract));
    const { signal } = new AbortController();
    await messaging.leader('quick', { lease: 100 }).run(signal, async () => undefined);
    expect(() => messaging.leader('poller', { lease: 99 })).toThrowErrorMatchingInlineSnapshot(`
      [MessagingOptionError: \`lease\` of leader "poller" must be at least 100 ms on the nats engine
        code         ERR_MESSAGING_OPTION]
    `);
  });
});

/** Starts an application, and returns the error of its start without the address of the server. */
async function refusalOf(url: string): Promise<string> {
  const broker = await brokerOf(contract);
  const config = { ...broker.config, nats: { url } };
  const error: unknown = await startReplica({ ...broker, config }).catch((failure: unknown) => failure);
  return (error as { readonly cause: Error }).cause.message.replace(new URL(url).host, '<server>');
}

async function startNats(options: NatsServerOptions = {}): Promise<TestServer> {
  const server = await natsServer(options);
  onTestFinished(() => server.stop());
  return server;
}

describe.skipIf(unavailable('nats'))('the server of the engine', () => {
  test('needs JetStream', async () => {
    const { url } = await startNats({ settings: { jetstream: undefined } });
    expect(await refusalOf(url)).toMatchInlineSnapshot(`
      "The server <server> does not run JetStream
        help         start it with \`-js\`, or add \`jetstream {}\` to its configuration
        code         ERR_MESSAGING_SERVER"
    `);
  });
});
