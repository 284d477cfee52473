/** A test of a topic whose processes are killed. */
import { expect, test, vi } from 'vitest';
import type { MessagingContract } from './broker.ts';
import { brokerOf, startReplica } from './replica.ts';
import { Workers } from './workers.ts';

const timeout = 90_000;
const waiting = { timeout: 60_000, interval: 50 };
const keys = ['a', 'b', 'c', 'd', 'e'];
const perKey = 30;
const lease = { lease: 1000 };

export function topicKills(contract: MessagingContract, program: URL): void {
  test('a group whose processes are killed loses no message and keeps the order of each key', { timeout }, async () => {
    const broker = await brokerOf(contract);
    const workers = new Workers(program, broker);
    const { messaging } = await startReplica(broker, { options: lease });
    const ends = await Promise.all([
      workers.start({ role: 'topic', killAt: 'acknowledge', killAfter: 20 }, lease),
      workers.start({ role: 'topic', killAt: 'commit', killAfter: 20 }, lease),
      workers.start({ role: 'topic' }, lease),
    ]);
    const [afterCommit, beforeCommit] = ends;
    const news = messaging.topic<string>('news');
    let published = 0;
    // A slow process may handle too few of the first messages to reach its end.
    do {
      for (const next = published + perKey; published < next; published++) {
        await Promise.all(keys.map((key) => news.publish(`${key} ${published}`, { key })));
      }
      await vi.waitFor(() => expect(new Set(workers.committed()).size).toBe(keys.length * published), waiting);
    } while (afterCommit!.signalCode === null || beforeCommit!.signalCode === null);
    const all = keys.length * published;
    // The message that was committed before its process was killed is handled once more.
    await vi.waitFor(() => expect(workers.committed().length).toBeGreaterThan(all), waiting);
    expect([afterCommit!.signalCode, beforeCommit!.signalCode]).toEqual(['SIGKILL', 'SIGKILL']);
    const committed = workers.committed();
    for (const key of keys) {
      const numbers = committed.filter((value) => value.startsWith(key)).map((value) => Number(value.slice(2)));
      expect(numbers.filter((number, index) => number !== numbers[index - 1])).toEqual([...Array(published).keys()]);
    }
  });
}
