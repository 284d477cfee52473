/** The contract of the queues of an engine. The suites must not know any engine. */
import { DeferredDelivery, RejectedDelivery } from '@asphalt/integration';
import { describe, expect, test, vi } from 'vitest';
import type { QueueOptions } from '../messaging.ts';
import type { Queue } from '../queue.ts';
import type { MessagingContract } from './broker.ts';
import { consumer, Journal, type ConsumerOptions } from './consumer.ts';
import { kills } from './queue-kills.ts';
import { brokerOf, startReplica, type Replica } from './replica.ts';

const quick: QueueOptions<string> = { attempts: 3, backoff: { minDelay: 10, maxDelay: 40 } };

/** Registers the tests of queues. Call it once per test file. */
export function describeQueue(contract: MessagingContract): void {
  const { name, unavailable = false, program } = contract;
  describe.skipIf(unavailable)(`${unavailable || `a queue of the ${name} engine`}`, () => {
    sending(contract);
    failures(contract);
    stopping(contract);
    if (program) kills(contract, program);
  });
}

function mails({ messaging }: Replica, options = quick): Queue<string> {
  return messaging.queue('mails', options);
}

function sender(journal: Journal, options: Partial<ConsumerOptions> & { readonly queue?: QueueOptions<string> } = {}) {
  const { queue = quick, ...rest } = options;
  return consumer({ source: (messaging) => messaging.queue('mails', queue).messages, journal, ...rest });
}

function sending(contract: MessagingContract): void {
  test('a handler receives each message once, with its value, attempt and headers', async () => {
    const journal = new Journal();
    const seen: unknown[] = [];
    const work = ({ value, attempt, headers }: { value: string; attempt: number; headers: object }) =>
      void seen.push({ value, attempt, headers });
    const replica = await startReplica(await brokerOf(contract), { handler: sender(journal, { work }) });
    await mails(replica).send('ada', { headers: { 'reply-to': 'grace' } });
    await mails(replica).send('bob');
    await journal.until('done', 2);
    expect(seen).toEqual([
      { value: 'ada', attempt: 1, headers: { 'reply-to': 'grace' } },
      { value: 'bob', attempt: 1, headers: {} },
    ]);
  });

  test('messages that were sent before a handler exists are handled later', async () => {
    const broker = await brokerOf(contract);
    const web = await startReplica(broker);
    await mails(web).send('ada');
    expect(await mails(web).state()).toMatchObject({ ready: 1, running: 0, dead: 0 });
    const journal = new Journal();
    await startReplica(broker, { handler: sender(journal) });
    expect(await journal.until('done', 1)).toEqual(['ada']);
  });

  test('at most `concurrency` messages are handled at the same time', async () => {
    const journal = new Journal();
    const work = () => new Promise((resolve) => setTimeout(resolve, 10));
    const replica = await startReplica(await brokerOf(contract), {
      handler: sender(journal, { concurrency: 3, work }),
    });
    const values = Array.from({ length: 30 }, (_, index) => `mail ${index}`);
    for (const value of values) await mails(replica).send(value);
    expect((await journal.until('done', 30)).toSorted()).toEqual(values.toSorted());
    expect(journal.mostRunning).toBe(3);
  });

  test('a delayed message arrives after its delay', async () => {
    const journal = new Journal();
    const replica = await startReplica(await brokerOf(contract), { handler: sender(journal) });
    const sentAt = Date.now();
    await mails(replica).send('late', { delay: 500 });
    await mails(replica).send('early');
    expect(await journal.until('done', 2)).toEqual(['early', 'late']);
    expect(Date.now() - sentAt).toBeGreaterThanOrEqual(499);
  });

  test('a message with the key of an earlier one is dropped, also after that was handled', async () => {
    const journal = new Journal();
    const replica = await startReplica(await brokerOf(contract), { handler: sender(journal) });
    await mails(replica).send('first', { key: 'welcome-17' });
    await mails(replica).send('second', { key: 'welcome-17' });
    await journal.until('done', 1);
    await mails(replica).send('third', { key: 'welcome-17' });
    await mails(replica).send('other', { key: 'welcome-18' });
    expect(await journal.until('done', 2)).toEqual(['first', 'other']);
  });

  test('three replicas share the messages', async () => {
    const broker = await brokerOf(contract);
    const journals = [new Journal(), new Journal(), new Journal()];
    const work = () => new Promise((resolve) => setTimeout(resolve, 5));
    const replicas: Replica[] = [];
    for (const journal of journals) replicas.push(await startReplica(broker, { handler: sender(journal, { work }) }));
    const values = Array.from({ length: 60 }, (_, index) => `mail ${index}`);
    await Promise.all(values.map((value, index) => mails(replicas[index % 3]!).send(value)));
    const done = (): string[] => journals.flatMap((journal) => journal.of('done'));
    await vi.waitFor(() => expect(done()).toHaveLength(60), { timeout: 15_000 });
    expect(done().toSorted()).toEqual(values.toSorted());
    for (const journal of journals) expect(journal.of('done').length).toBeGreaterThan(0);
  });
}

function failures(contract: MessagingContract): void {
  test('a failed message is delivered again, and is a dead letter after its last attempt', async () => {
    const journal = new Journal();
    const attempts: number[] = [];
    const work = ({ attempt }: { attempt: number }) => {
      attempts.push(attempt);
      throw new TypeError('no such address');
    };
    const replica = await startReplica(await brokerOf(contract), { handler: sender(journal, { work }) });
    await mails(replica).send('ada', { headers: { tenant: 'blue' } });
    expect(await journal.until('dead', 1)).toEqual(['ada']);
    expect(attempts).toEqual([1, 2, 3]);
    expect(journal.of('undo')).toEqual(['ada', 'ada', 'ada']);
    expect(await mails(replica).deadLetters()).toEqual([
      {
        id: expect.any(String) as string,
        value: 'ada',
        headers: { tenant: 'blue' },
        attempts: 3,
        reason: 'TypeError: no such address',
        code: undefined,
        failedAt: expect.any(Date) as Date,
      },
    ]);
    expect(await mails(replica).state()).toMatchObject({ ready: 0, delayed: 0, running: 0, dead: 1 });
    expect(replica.lines.filter((line) => line.startsWith('warn'))).toHaveLength(2);
    expect(replica.reported).toEqual([]);
  });

  test('a handler can reject a message at once', async () => {
    const journal = new Journal();
    const work = () => {
      throw new RejectedDelivery('unknown customer');
    };
    const replica = await startReplica(await brokerOf(contract), { handler: sender(journal, { work }) });
    await mails(replica).send('ada');
    await journal.until('dead', 1);
    expect(journal.of('start')).toEqual(['ada']);
  });

  test('a handler can defer a message without using an attempt', async () => {
    const journal = new Journal();
    const attempts: number[] = [];
    const work = ({ attempt }: { attempt: number }) => {
      attempts.push(attempt);
      if (attempts.length < 5) throw new DeferredDelivery(10);
    };
    const replica = await startReplica(await brokerOf(contract), { handler: sender(journal, { work }) });
    await mails(replica).send('ada');
    await journal.until('done', 1);
    expect(attempts).toEqual([1, 1, 1, 1, 1]);
  });

  test('dead letters can be sent again, one or all of them', async () => {
    const journal = new Journal();
    let isBroken = true;
    const work = () => {
      if (isBroken) throw new RejectedDelivery('broken');
    };
    const replica = await startReplica(await brokerOf(contract), { handler: sender(journal, { work }) });
    for (const value of ['ada', 'bob', 'eve']) await mails(replica).send(value);
    await journal.until('dead', 3);
    isBroken = false;
    const letters = await mails(replica).deadLetters();
    const bob = letters.find(({ value }) => value === 'bob')!;
    expect(await mails(replica).retryDeadLetters([bob.id])).toBe(1);
    expect(await journal.until('done', 1)).toEqual(['bob']);
    expect(await mails(replica).retryDeadLetters()).toBe(2);
    expect((await journal.until('done', 3)).toSorted()).toEqual(['ada', 'bob', 'eve']);
    expect(await mails(replica).state()).toMatchObject({ dead: 0 });
  });

  test('a message that does not fit the schema is a dead letter without reaching the handler', async () => {
    const journal = new Journal();
    const schema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value: unknown) =>
          value === 'ada' ? { value: 'ADA' } : { issues: [{ message: 'must be ada', path: ['name'] }] },
      },
    } as const;
    const queue: QueueOptions<string> = { ...quick, schema };
    const replica = await startReplica(await brokerOf(contract), { handler: sender(journal, { queue }) });
    await mails(replica, queue).send('eve');
    await mails(replica, queue).send('ada');
    expect(await journal.until('done', 1)).toEqual(['ADA']);
    await journal.until('dead', 1);
    expect(await mails(replica, queue).deadLetters()).toMatchObject([
      { value: 'eve', attempts: 1, code: 'ERR_MESSAGE_SCHEMA', reason: 'A message of "mails" does not fit its schema' },
    ]);
    expect(journal.of('start')).toEqual(['ADA']);
  });
}

function stopping(contract: MessagingContract): void {
  test('a stop waits for running handlers, and leaves the other messages to the next replica', async () => {
    const broker = await brokerOf(contract);
    const journal = new Journal();
    let release = (): void => undefined;
    const work = () =>
      new Promise<void>((resolve) => {
        release = resolve;
      });
    const first = await startReplica(broker, { handler: sender(journal, { work }) });
    for (const value of ['a', 'b', 'c']) await mails(first).send(value);
    await journal.until('start', 1);
    const stopped = first.app.stop();
    release();
    await stopped;
    expect(journal.events).toEqual(['start a', 'done a']);
    const next = new Journal();
    await startReplica(broker, { handler: sender(next) });
    expect((await next.until('done', 2)).toSorted()).toEqual(['b', 'c']);
  });

  test('a handler that runs for longer than the lease keeps its message', async () => {
    const broker = await brokerOf(contract);
    const journal = new Journal();
    const work = () => new Promise((resolve) => setTimeout(resolve, 1500));
    const options = { lease: 500 };
    const first = await startReplica(broker, { handler: sender(journal, { work }), options });
    const second = new Journal();
    await startReplica(broker, { handler: sender(second), options });
    await mails(first).send('long');
    await vi.waitFor(() => expect([...journal.of('done'), ...second.of('done')]).toEqual(['long']), { timeout: 5000 });
    expect([...journal.of('start'), ...second.of('start')]).toEqual(['long']);
  });
}
