import fc from 'fast-check';
import { Deferred, settled } from '@asphalt/test-support';
import { SqlRetryError } from '@asphalt/sql';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { deadLetterHeaders } from '../src/delivery.ts';
import { DeferredDelivery, PayloadError, RejectedDelivery, type Delivery } from '../src/index.ts';
import { consume, MemoryBroker } from './memory-broker.ts';

const broken = new Error('broken');
const fail = (): never => {
  throw broken;
};

describe.each(['pull', 'push'] as const)('a source of a client that can %s', (kind) => {
  test('acknowledges a message after the context of its handler has closed', async () => {
    const broker = new MemoryBroker();
    const committing = new Deferred();
    await consume(broker[kind], (_, context) => context.onTeardown(() => committing.promise));
    broker.send('a');
    await settled();
    expect(broker.acknowledged).toEqual([]);
    committing.resolve();
    await settled();
    expect(broker.acknowledged).toEqual(['a']);
  });

  test('returns a failed message with a growing delay, and logs the attempt', async () => {
    const broker = new MemoryBroker();
    const attempts: number[] = [];
    const { lines, failures } = await consume(broker[kind], ({ attempt }) => {
      attempts.push(attempt);
      if (attempt < 3) fail();
    });
    broker.send('a');
    for (const bound of [2000, 4000]) {
      await settled();
      expect(broker.delayed).toMatchObject([{ retry: { counts: true } }]);
      expect(broker.delayed[0]!.retry.delayMs).toBeGreaterThanOrEqual(1000);
      expect(broker.delayed[0]!.retry.delayMs).toBeLessThanOrEqual(bound);
      broker.release();
    }
    await settled();
    expect(attempts).toEqual([1, 2, 3]);
    expect(broker.acknowledged).toEqual(['a']);
    expect(failures).toEqual([]);
    expect(lines.map(({ level, message }) => `${level}: ${message.replace(/\d+ ms/, 'N ms')}`)).toEqual([
      'warn: A delivery of mails failed in attempt 1 of 5 and returns after N ms',
      'warn: A delivery of mails failed in attempt 2 of 5 and returns after N ms',
    ]);
  });

  test('renews the lease of a message until it is settled', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const broker = new MemoryBroker();
    const handling = new Deferred();
    const { lines } = await consume(broker[kind], () => handling.promise, { leaseMs: 3000 });
    broker.send('a');
    await settled();
    vi.advanceTimersByTime(1000);
    broker.broken.add('renew');
    vi.advanceTimersByTime(1000);
    await settled();
    expect(broker.renewed).toEqual(['a', 'a']);
    expect(lines.map(({ message }) => message)).toEqual([
      'A delivery of mails cannot keep its lease, so the broker may deliver it again',
    ]);
    handling.resolve();
    await settled();
    expect(broker.acknowledged).toEqual(['a']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('buries a message after the last attempt, and reports its error once', async () => {
    const broker = new MemoryBroker();
    const { failures } = await consume(broker[kind], fail, { attempts: 2 });
    broker.send('a');
    await settled();
    broker.release();
    await settled();
    expect(broker.dead).toEqual([{ id: 'a', error: broken }]);
    expect(failures).toEqual(['a: broken']);
    expect(broker.delayed).toEqual([]);
  });

  test('buries a rejected message at the first attempt', async () => {
    const broker = new MemoryBroker();
    const { failures } = await consume(broker[kind], () => {
      throw new RejectedDelivery('unknown address');
    });
    broker.send('a');
    await settled();
    expect(broker.dead).toMatchObject([{ id: 'a' }]);
    expect(failures).toEqual(['a: unknown address']);
  });

  test('buries a rejected message whose teardown fails too', async () => {
    const broker = new MemoryBroker();
    await consume(broker[kind], (_, context) => {
      context.onTeardown(fail);
      throw new RejectedDelivery('unknown address');
    });
    broker.send('a');
    await settled();
    expect(broker.dead).toMatchObject([{ id: 'a' }]);
  });

  test('returns a deferred message after its delay, without counting an attempt', async () => {
    const broker = new MemoryBroker();
    const { lines } = await consume(broker[kind], () => {
      throw new DeferredDelivery(30_000);
    });
    broker.send('a');
    await settled();
    expect(broker.delayed).toMatchObject([{ retry: { delayMs: 30_000, counts: false } }]);
    expect(lines).toEqual([]);
  });

  test.each(['handler', 'commit'])('counts no attempt after a conflict of transactions in the %s', async (place) => {
    const broker = new MemoryBroker();
    await consume(broker[kind], (_, context) => {
      const conflict = (): never => {
        throw new SqlRetryError('commit', broken);
      };
      if (place === 'handler') conflict();
      context.onTeardown(conflict);
    });
    broker.send('a');
    await settled();
    expect(broker.delayed).toMatchObject([{ retry: { delayMs: 0, counts: false } }]);
  });

  test('buries a message that cannot be read, without calling the handler', async () => {
    const broker = new MemoryBroker();
    const handled: Delivery<string>[] = [];
    const { failures } = await consume(broker[kind], (delivery) => handled.push(delivery));
    broker.send('unreadable');
    await settled();
    expect(handled).toEqual([]);
    expect(broker.dead).toMatchObject([{ id: 'unreadable' }]);
    expect(failures).toEqual(['unreadable: no JSON']);
  });

  test('never has more unsettled messages than the concurrency of the handler', async () => {
    const broker = new MemoryBroker();
    await consume(broker[kind], () => settled(), { concurrency: 3 });
    broker.send('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j');
    while (broker.acknowledged.length < 10) await settled();
    expect(broker.mostUnsettled).toBe(3);
  });

  test('logs a message that cannot be settled, because the broker delivers it again', async () => {
    const broker = new MemoryBroker();
    const { lines, failures } = await consume(broker[kind], () => undefined);
    broker.broken.add('acknowledge');
    broker.send('a');
    await settled();
    expect(lines.map(({ message }) => message)).toEqual([
      'A delivery of mails cannot be settled, so the broker delivers it again',
    ]);
    expect(failures).toEqual([]);
  });

  test('does not report a dead letter that the broker has not stored', async () => {
    const broker = new MemoryBroker();
    const { failures } = await consume(broker[kind], fail, { attempts: 1 });
    broker.broken.add('bury');
    broker.send('a');
    await settled();
    expect(failures).toEqual([]);
  });

  test('waits at the stop for the handler and its acknowledgement', async () => {
    const broker = new MemoryBroker();
    const working = new Deferred();
    const { app } = await consume(broker[kind], () => working.promise);
    broker.send('a', 'b');
    await settled();
    const stopped = app.stop();
    await settled();
    expect(broker.acknowledged).toEqual([]);
    const confirmed = new Deferred();
    broker.confirmed = confirmed.promise;
    working.resolve();
    await settled();
    expect(app.state).toBe('stopping');
    confirmed.resolve();
    await stopped;
    expect(broker.acknowledged).toEqual(['a']);
    expect(broker.waiting.map(({ id }) => id)).toEqual(['b']);
  });
});

test('a source that cannot fetch logs it once and continues when the broker is back', async () => {
  const broker = new MemoryBroker();
  broker.broken.add('fetch');
  const acknowledged = new Deferred();
  const { lines } = await consume(broker.pull, () => acknowledged.resolve());
  await vi.waitFor(() => expect(broker.fetches).toBeGreaterThan(2), { timeout: 10_000 });
  expect(lines.map(({ message }) => message)).toEqual(['A delivery of mails cannot be fetched']);
  broker.send('a');
  broker.broken.clear();
  await acknowledged.promise;
  expect(lines).toHaveLength(1);
});

test('a stop does not wait for a broker that is away', async () => {
  const broker = new MemoryBroker();
  broker.broken.add('fetch');
  const { app } = await consume(broker.pull, () => undefined);
  await app.stop();
});

test('a stop waits until the messages that no handler has received are back at the broker', async () => {
  const returned = new Deferred();
  const { app } = await consume({ ...new MemoryBroker().pull, idle: () => returned.promise }, () => undefined);
  let hasStopped = false;
  const stopped = app.stop().then(() => (hasStopped = true));
  await settled();
  expect(hasStopped).toBe(false);
  returned.resolve();
  await stopped;
});

const outcome = fc.constantFrom('ok', 'throw', 'teardown', 'reject', 'defer', 'unreadable');

test('every message ends exactly once: acknowledged if its context closed without an error, otherwise buried', async () => {
  const property = async (outcomes: readonly (readonly string[])[], concurrency: number): Promise<void> => {
    const broker = new MemoryBroker();
    /** The attempts of each message, and how the last one ended. */
    const last = new Map<string, string>();
    const run = async ({ id }: Delivery<string>, context: { onTeardown(call: () => void): void }): Promise<void> => {
      const plan = outcomes[Number(id.split(' ')[1])]!;
      const done = Number(last.get(id)?.split(' ')[0] ?? -1) + 1;
      const what = plan[done] ?? 'ok';
      last.set(id, `${done} ${what}`);
      await settled();
      if (what === 'throw') fail();
      if (what === 'teardown') context.onTeardown(fail);
      if (what === 'reject') throw new RejectedDelivery('random');
      if (what === 'defer') throw new DeferredDelivery(1);
    };
    const { app, failures } = await consume(broker.pull, run, { concurrency, attempts: 3 });
    const ids = outcomes.map((plan, index) => `${plan[0] === 'unreadable' ? 'unreadable' : 'message'} ${index}`);
    broker.send(...ids);
    while (broker.acknowledged.length + broker.dead.length < ids.length) {
      await settled();
      broker.release();
    }
    await app.stop();
    const ended = [...broker.acknowledged, ...broker.dead.map(({ id }) => id)];
    expect(ended.toSorted()).toEqual(ids.toSorted());
    for (const id of broker.acknowledged) expect(last.get(id)).toMatch(/ (?:ok|unreadable)$/);
    // An unreadable message reaches no handler.
    for (const { id } of broker.dead) expect(last.get(id) ?? id).toMatch(/throw|teardown|reject|unreadable/);
    expect(failures.map((text) => text.split(':')[0]).toSorted()).toEqual(broker.dead.map(({ id }) => id).toSorted());
    expect(broker.mostUnsettled).toBeLessThanOrEqual(concurrency);
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(outcome, { maxLength: 4 }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 4 }),
      property,
    ),
    { numRuns: 30 },
  );
});

test('the headers of a dead letter name the error and its code, without characters that headers cannot have', () => {
  const unreadable = new PayloadError('read', 'JSON', '3 bytes');
  expect(deadLetterHeaders(unreadable)).toEqual({
    'asphalt-error': 'A payload is not valid JSON',
    'asphalt-error-code': 'ERR_PAYLOAD',
  });
  expect(deadLetterHeaders(new Error('größer\nand more'))).toEqual({ 'asphalt-error': 'Error: gr??er' });
});
