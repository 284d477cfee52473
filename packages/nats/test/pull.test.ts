import { errorOf } from '@asphalt/test-support';
import { unavailable } from '@asphalt/testing/servers';
import { describe, expect, test, vi } from 'vitest';
import type { PulledMessage } from '../src/index.ts';
import { natsApp } from './nats-app.ts';

const missing = unavailable('nats');

/** Starts an application with a stream of some messages, and pulls them. */
async function pulling(...messages: readonly string[]) {
  const app = await natsApp({ streams: { orders: { subjects: ['orders.*'] } } });
  const { jetStream } = app;
  const { consumers } = await jetStream.client.jetstreamManager();
  const names = ['first', 'second'];
  for (const name of names) await consumers.add('orders', { durable_name: name, ack_policy: 'explicit' });
  for (const message of messages) await jetStream.client.publish('orders.new', message);
  const restored: PulledMessage[] = [];
  const restore = async (message: PulledMessage): Promise<void> => {
    restored.push(message);
    await pull.respond(message, '-NAK');
  };
  const pulled = names.map((name) => ({ name, inOrder: false }));
  const pull = jetStream.pull({ stream: 'orders', consumers: pulled, leaseMs: 30_000, restore });
  const isFree = async (): Promise<boolean> => {
    const states = await Promise.all(names.map((name) => consumers.info('orders', name)));
    return states.every(({ num_waiting }) => num_waiting === 0);
  };
  return { ...app, consumers, pull, restored, isFree };
}

describe.skipIf(missing)(`${missing || 'a pull of several consumers'}`, () => {
  test('returns at most as many messages as its caller can handle, and the others later', async () => {
    const { pull } = await pulling('a');
    const { signal } = new AbortController();
    const taken = [await pull.take(1, signal), await pull.take(1, signal)].flat();
    const facts = taken.map(({ consumer, message, deliveries }) => `${consumer} ${message.string()} ${deliveries}`);
    expect(facts.toSorted()).toEqual(['first a 1', 'second a 1']);
    for (const message of taken) await pull.respond(message, '+ACK');
  });

  test('requests one message of a consumer that delivers in order', async () => {
    const { jetStream, pull } = await pulling('a', 'b');
    const consumers = [{ name: 'first', inOrder: true }];
    const ordered = jetStream.pull({ stream: 'orders', consumers, leaseMs: 30_000, restore: async () => undefined });
    const { signal } = new AbortController();
    for (const expected of ['a', 'b']) {
      const taken = await ordered.take(5, signal);
      expect(taken.map(({ message }) => message.string())).toEqual([expected]);
      await pull.respond(taken[0]!, '+ACK');
    }
  });

  test('returns messages to the server while its caller takes none', async () => {
    const { pull, restored, isFree } = await pulling('a');
    const [taken] = await pull.take(1, new AbortController().signal);
    await vi.waitFor(() => expect(restored).toHaveLength(1));
    expect(restored[0]!.consumer).not.toBe(taken!.consumer);
    await vi.waitFor(async () => expect(await isFree()).toBe(true));
  });

  test('requests nothing after its end', async () => {
    const { pull, isFree } = await pulling('a');
    expect(await pull.take(1, AbortSignal.abort())).toEqual([]);
    expect(await isFree()).toBe(true);
    const ending = new AbortController();
    const taking = pull.take(1, ending.signal);
    ending.abort();
    expect(await taking).toEqual([]);
    await pull.idle();
    await vi.waitFor(async () => expect(await isFree()).toBe(true));
  });

  test('fails when the server ends a request because its consumer is deleted', async () => {
    const { pull, consumers } = await pulling();
    const { signal } = new AbortController();
    const failed = errorOf(pull.take(1, signal), Error);
    await vi.waitFor(async () => expect(await consumers.info('orders', 'first')).toMatchObject({ num_waiting: 1 }));
    await consumers.delete('orders', 'first');
    expect((await failed).message).toBe('the server has refused a request for messages: 409 Consumer Deleted');
  });
});
