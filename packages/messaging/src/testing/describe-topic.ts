/** The contract of the topics of an engine. */
import { describe, expect, test, vi } from 'vitest';
import type { QueueOptions } from '../messaging.ts';
import type { Topic } from '../topic.ts';
import type { MessagingContract } from './broker.ts';
import { consumer, Journal, type ConsumerOptions } from './consumer.ts';
import { brokerOf, startReplica, type Replica } from './replica.ts';
import { topicKills } from './topic-kills.ts';

const quick: QueueOptions<string> = { attempts: 3, backoff: { minDelay: 10, maxDelay: 40 } };

/** Registers the tests of topics. Call it once per test file. */
export function describeTopic(contract: MessagingContract): void {
  const { name, unavailable = false, program } = contract;
  describe.skipIf(unavailable)(`${unavailable || `a topic of the ${name} engine`}`, () => {
    groups(contract);
    keys(contract);
    if (program) topicKills(contract, program);
  });
}

function news({ messaging }: Replica): Topic<string> {
  return messaging.topic('news', quick);
}

function reader(group: string, journal: Journal, options: Partial<ConsumerOptions> & { from?: 'now' | 'start' } = {}) {
  const { from = 'now', ...rest } = options;
  const source: ConsumerOptions['source'] = (messaging) =>
    messaging.topic<string>('news', quick).group(group, { from });
  return consumer({ source, journal, ...rest });
}

function groups(contract: MessagingContract): void {
  test('each group receives each message once, and its members share them', async () => {
    const broker = await brokerOf(contract);
    const [audit, search, other] = [new Journal(), new Journal(), new Journal()];
    const work = () => new Promise((resolve) => setTimeout(resolve, 5));
    const replica = await startReplica(broker, { handler: reader('audit', audit) });
    await startReplica(broker, { handler: reader('search', search, { work }) });
    await startReplica(broker, { handler: reader('search', other, { work }) });
    const values = Array.from({ length: 20 }, (_, index) => `article ${index}`);
    for (const value of values) await news(replica).publish(value);
    expect((await audit.until('done', 20)).toSorted()).toEqual(values.toSorted());
    const found = (): string[] => [...search.of('done'), ...other.of('done')];
    await vi.waitFor(() => expect(found()).toHaveLength(20), { timeout: 15_000 });
    expect(found().toSorted()).toEqual(values.toSorted());
    for (const journal of [search, other]) expect(journal.of('done').length).toBeGreaterThan(0);
  });

  test('a group receives later what was published while it had no handler', async () => {
    const broker = await brokerOf(contract);
    const writer = await startReplica(broker);
    const first = new Journal();
    const reading = await startReplica(broker, { handler: reader('audit', first) });
    await news(writer).publish('one');
    await first.until('done', 1);
    await reading.app.stop();
    await news(writer).publish('two');
    await news(writer).publish('three');
    const later = new Journal();
    await startReplica(broker, { handler: reader('audit', later) });
    expect((await later.until('done', 2)).toSorted()).toEqual(['three', 'two']);
  });

  test('a new group starts with later messages, or with those that the topic keeps', async () => {
    const broker = await brokerOf(contract);
    const [late, whole] = [new Journal(), new Journal()];
    const writer = await startReplica(broker);
    await news(writer).publish('one');
    await news(writer).publish('two');
    await startReplica(broker, { handler: reader('late', late) });
    await startReplica(broker, { handler: reader('whole', whole, { from: 'start' }) });
    await news(writer).publish('three');
    expect((await whole.until('done', 3)).toSorted()).toEqual(['one', 'three', 'two']);
    expect(await late.until('done', 1)).toEqual(['three']);
  });
}

function keys(contract: MessagingContract): void {
  test('messages with the same key stay in order, also if one of them is retried', async () => {
    const broker = await brokerOf(contract);
    const [first, second] = [new Journal(), new Journal()];
    let failures = 0;
    const order: string[] = [];
    const work: ConsumerOptions['work'] = async ({ value }) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (value === 'a 3' && failures++ < 2) throw new Error('busy');
      order.push(value);
    };
    const replica = await startReplica(broker, { handler: reader('audit', first, { work, concurrency: 4 }) });
    await startReplica(broker, { handler: reader('audit', second, { work, concurrency: 4 }) });
    const values = ['a', 'b', 'c'].flatMap((key) => Array.from({ length: 8 }, (_, index) => `${key} ${index}`));
    for (const value of values) await news(replica).publish(value, { key: value[0]! });
    await vi.waitFor(() => expect(order).toHaveLength(24), { timeout: 15_000 });
    for (const key of ['a', 'b', 'c']) {
      const mine = values.filter((value) => value.startsWith(key));
      expect(order.filter((value) => value.startsWith(key))).toEqual(mine);
    }
    expect(failures).toBe(3);
  });

  test('a dead letter of a group does not hold up its key, and only this group lacks it', async () => {
    const broker = await brokerOf(contract);
    const [strict, lenient] = [new Journal(), new Journal()];
    const work: ConsumerOptions['work'] = ({ value }) => {
      if (value === 'bad') throw new TypeError('no article');
    };
    const replica = await startReplica(broker, { handler: reader('strict', strict, { work }) });
    await startReplica(broker, { handler: reader('lenient', lenient) });
    for (const value of ['one', 'bad', 'two']) await news(replica).publish(value, { key: 'k' });
    expect(await strict.until('done', 2)).toEqual(['one', 'two']);
    expect(await lenient.until('done', 3)).toEqual(['one', 'bad', 'two']);
    expect(strict.of('dead')).toEqual(['bad']);
    const states = await replica.messaging.states();
    expect(states.find(({ name }) => name === 'news.strict')).toMatchObject({ dead: 1, running: 0, delayed: 0 });
  });
}
