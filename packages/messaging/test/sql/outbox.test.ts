import { Component, component, inject, on, provides, token, type ComponentClass } from '@asphalt/core';
import { Database, Transaction } from '@asphalt/sql';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Messaging, type Delivery, type Queue, type Topic } from '../../src/index.ts';
import { Inbox, Outbox } from '../../src/sql/index.ts';
import type { TestBroker } from '../../src/testing/index.ts';
import { startReplica, type Replica } from '../../src/testing/replica.ts';
import { memoryBroker } from '../memory-broker.ts';
import { databases, missing, withDatabase, type DatabaseName } from './sql-broker.ts';

for (const name of databases) {
  describe.skipIf(missing(name))(`${missing(name) || `in ${name}`}`, () => {
    testsOf(name);
  });
}

const Mails = token<Queue<string>>('Mails');
const queue = { attempts: 3, backoff: { minDelay: 5, maxDelay: 10 } };

/** Returns a component whose handler notes each mail in the database, or fails `failures` times before its commit. */
function worker(received: string[], failures = 0): ComponentClass {
  let left = failures;
  @component({})
  class Worker extends Component {
    @provides(Mails)
    mails(@inject(Messaging) messaging: Messaging): Queue<string> {
      return messaging.queue('mails', queue);
    }

    @on(Mails, (mails) => mails.messages, { concurrency: 4 })
    async send(
      delivery: Delivery<string>,
      @inject(Transaction) transaction: Transaction,
      @inject(Inbox) inbox: Inbox,
    ): Promise<void> {
      if (!(await inbox.accept(transaction, delivery))) return;
      await transaction.insertInto('sent').values({ mail: delivery.value }).execute();
      received.push(delivery.value);
      if (left-- > 0) throw new Error('the process ends before its commit');
    }
  }
  return Worker;
}

/** Runs a function in a request with a transaction. */
async function request(
  { app }: Replica,
  work: (transaction: Transaction, outbox: Outbox) => Promise<void>,
): Promise<void> {
  await app.context.run(async (context) => {
    await work(await context.getResource(Transaction), await context.getResource(Outbox));
  });
}

async function sent({ app }: Replica): Promise<string[]> {
  const db = await app.context.getResource(Database);
  const rows = await db.selectFrom('sent').select('mail').orderBy('mail').execute();
  return rows.map(({ mail }) => mail as string);
}

async function waiting({ app }: Replica): Promise<number> {
  const db = await app.context.getResource(Database);
  const { count } = await db
    .selectFrom('asphalt_outbox')
    .select(db.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

async function newTables({ app }: Replica): Promise<void> {
  const db = await app.context.getResource(Database);
  const drop = db.schema.dropTable('sent').ifExists();
  await drop.execute();
  onTestFinished(async () => {
    await db.deleteFrom('asphalt_outbox').execute();
    await db.deleteFrom('asphalt_inbox').execute();
  });
  await db.schema.createTable('sent').addColumn('mail', 'varchar(100)').execute();
}

function testsOf(name: DatabaseName): void {
  const database = withDatabase(name);
  const brokerWith = async (): Promise<TestBroker> => database(await memoryBroker());

  test('a committed transaction sends its messages, and one that is rolled back sends none', async () => {
    const received: string[] = [];
    const broker = await brokerWith();
    const replica = await startReplica(broker, { handler: worker(received) });
    await newTables(replica);
    const mails = replica.messaging.queue<string>('mails', queue);
    await request(replica, (transaction, outbox) => outbox.send(transaction, mails, 'ada'));
    const broken = request(replica, async (transaction, outbox) => {
      await outbox.send(transaction, mails, 'eve');
      throw new Error('no order');
    });
    await expect(broken).rejects.toThrow('no order');
    await request(replica, (transaction, outbox) => outbox.send(transaction, mails, 'bob'));
    await vi.waitFor(async () => expect(await sent(replica)).toEqual(['ada', 'bob']));
    expect(await waiting(replica)).toBe(0);
  });

  test('a topic, headers and a delay survive the outbox', async () => {
    const replica = await startReplica(await brokerWith());
    await newTables(replica);
    const news: Topic<string> = replica.messaging.topic('news');
    const seen: unknown[] = [];
    const store = replica.messaging.topicStore('news').group('audit', 'now');
    await request(replica, (transaction, outbox) =>
      outbox.publish(transaction, news, 'hello', { headers: { tenant: 'blue' }, key: 'k' }),
    );
    seen.push(...(await store.fetch(1, new AbortController().signal)));
    expect(seen).toMatchObject([{ headers: { tenant: 'blue' }, payload: Buffer.from('"hello"') }]);
    const mails = replica.messaging.queue<string>('mails', queue);
    await request(replica, (transaction, outbox) => outbox.send(transaction, mails, 'later', { delay: '1h' }));
    await vi.waitFor(async () => expect(await mails.state()).toMatchObject({ ready: 0, delayed: 1 }));
  });

  test('a message that is delivered twice has its effect once', async () => {
    const received: string[] = [];
    const replica = await startReplica(await brokerWith(), { handler: worker(received) });
    await newTables(replica);
    const store = replica.messaging.queueStore('mails');
    const envelope = { id: 'one', payload: Buffer.from('"ada"'), headers: {} };
    for (let copy = 0; copy < 3; copy++) await store.send(envelope, { delayMs: 0, key: undefined });
    await vi.waitFor(async () => expect(await store.state()).toMatchObject({ ready: 0, running: 0, delayed: 0 }));
    expect(await sent(replica)).toEqual(['ada']);
    expect(received).toEqual(['ada']);
  });

  test('a message whose transaction was rolled back is accepted again', async () => {
    const received: string[] = [];
    const replica = await startReplica(await brokerWith(), { handler: worker(received, 2) });
    await newTables(replica);
    await replica.messaging.queue<string>('mails', queue).send('ada');
    await vi.waitFor(async () => expect(await sent(replica)).toEqual(['ada']));
    expect(received).toEqual(['ada', 'ada', 'ada']);
  });

  test('messages wait while the engine is not available, and the health is degraded', async () => {
    const received: string[] = [];
    const replica = await startReplica(await brokerWith(), { handler: worker(received) });
    await newTables(replica);
    const mails = replica.messaging.queue<string>('mails', queue);
    const store = replica.messaging.queueStore('mails');
    const away = vi.spyOn(store, 'send').mockRejectedValue(new Error('connection refused'));
    for (const mail of ['ada', 'bob', 'eve']) {
      await request(replica, (transaction, outbox) => outbox.send(transaction, mails, mail));
    }
    await vi.waitFor(async () => expect((await replica.app.health()).status).toBe('degraded'), { timeout: 5000 });
    expect(await waiting(replica)).toBe(3);
    away.mockRestore();
    await vi.waitFor(async () => expect(await sent(replica)).toEqual(['ada', 'bob', 'eve']), { timeout: 5000 });
    await vi.waitFor(async () => expect((await replica.app.health()).status).toBe('up'), { timeout: 5000 });
    expect(replica.lines.filter((line) => line.startsWith('warn: The outbox'))).toEqual([
      'warn: The outbox cannot send its messages, which wait for the next attempt',
    ]);
  });

  test('three replicas share the messages, and each is sent once', async () => {
    const broker = await brokerWith();
    const replicas = [await startReplica(broker), await startReplica(broker), await startReplica(broker)];
    await newTables(replicas[0]!);
    const mails = replicas[0]!.messaging.queue<string>('mails', queue);
    const store = replicas[0]!.messaging.queueStore('mails');
    const send = vi.spyOn(store, 'send');
    for (let order = 0; order < 20; order++) {
      await request(replicas[order % 3]!, async (transaction, outbox) => {
        for (let mail = 0; mail < 10; mail++) await outbox.send(transaction, mails, `${order}-${mail}`);
      });
    }
    await vi.waitFor(async () => expect(await waiting(replicas[0]!)).toBe(0), { timeout: 10_000 });
    expect(await mails.state()).toMatchObject({ ready: 200 });
    // In SQLite, replicas do not lock the rows that they send.
    expect(name === 'SQLite' ? 200 : send.mock.calls.length).toBe(200);
  });

  test('the inbox forgets messages after `keep`', async () => {
    const broker = await brokerWith();
    const config = { ...broker.config, outbox: { ...broker.config['outbox'], keep: 0 } };
    const replica = await startReplica({ ...broker, config });
    await newTables(replica);
    const inbox = await replica.app.context.getResource(Inbox);
    const accept = async (): Promise<boolean> => {
      let isNew = false;
      await request(replica, async (transaction) => {
        isNew = await inbox.accept(transaction, { id: 'one', source: 'mails' });
      });
      return isNew;
    };
    expect([await accept(), await accept()]).toEqual([true, false]);
    await vi.waitFor(async () => expect(await inbox.expire()).toBe(1));
    expect(await accept()).toBe(true);
  });
}
