/** Tests of a queue whose processes and server are killed. */
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import type { MessagingContract } from './broker.ts';
import { brokerOf, startReplica } from './replica.ts';
import { killed, Workers } from './workers.ts';

const timeout = 60_000;
const waiting = { timeout: 40_000, interval: 50 };
const queue = { attempts: 50, backoff: { minDelay: 10, maxDelay: 50 } };
const lease = { lease: 1000 };

export function kills(contract: MessagingContract, program: URL): void {
  test('a process that is killed before its commit has no effect, and another one has it', { timeout }, async () => {
    const broker = await brokerOf(contract);
    const workers = new Workers(program, broker);
    const { messaging } = await startReplica(broker, { options: lease });
    const fragile = await workers.start({ role: 'queue', killAt: 'commit' }, lease);
    const exited = once(fragile, 'exit');
    await messaging.queue<string>('mails', queue).send('ada');
    await exited;
    expect(workers.committed()).toEqual([]);
    await workers.start({ role: 'queue' }, lease);
    await vi.waitFor(() => expect(workers.committed()).toEqual(['ada']), waiting);
  });

  test('a process that is killed after its commit has its effect once more', { timeout }, async () => {
    const broker = await brokerOf(contract);
    const workers = new Workers(program, broker);
    const { messaging } = await startReplica(broker, { options: lease });
    const fragile = await workers.start({ role: 'queue', killAt: 'acknowledge' }, lease);
    const exited = once(fragile, 'exit');
    const mails = messaging.queue<string>('mails', queue);
    await mails.send('ada');
    await exited;
    await workers.start({ role: 'queue' }, lease);
    await vi.waitFor(
      async () => expect(await mails.state()).toMatchObject({ ready: 0, running: 0, delayed: 0 }),
      waiting,
    );
    expect(workers.committed()).toEqual(['ada', 'ada']);
  });

  test('of 1,000 messages and three processes, one of which is killed, no message is lost', { timeout }, async () => {
    const broker = await brokerOf(contract);
    const workers = new Workers(program, broker);
    const { messaging } = await startReplica(broker, { options: lease });
    const mails = messaging.queue<string>('mails', queue);
    const values = Array.from({ length: 1000 }, (_, index) => `mail ${index}`);
    const fragile = { role: 'queue', killAt: 'acknowledge', killAfter: 100 } as const;
    await Promise.all(
      [fragile, { role: 'queue' } as const, { role: 'queue' } as const].map((job) => workers.start(job, lease)),
    );
    for (let start = 0; start < 1000; start += 50) {
      await Promise.all(values.slice(start, start + 50).map((value) => mails.send(value)));
    }
    await vi.waitFor(() => expect(new Set(workers.committed()).size).toBe(1000), waiting);
    // The four messages of the killed process are handled once more.
    expect(workers.committed().length).toBeLessThanOrEqual(1004);
  });

  test('every `send` that resolves is handled, although the server is killed', { timeout }, async () => {
    const broker = await brokerOf(contract);
    const { server } = broker;
    const workers = new Workers(program, broker);
    const { messaging } = await startReplica(broker, { options: lease });
    const mails = messaging.queue<string>('mails', queue);
    await workers.start({ role: 'queue' }, lease);
    const stored: string[] = [];
    let failures = 0;
    let isSending = true;
    const sending = (async () => {
      for (let number = 0; isSending; number++) {
        try {
          await mails.send(`mail ${number}`);
          stored.push(`mail ${number}`);
        } catch {
          failures++;
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    await vi.waitFor(() => expect(stored.length).toBeGreaterThan(50), waiting);
    await server!.kill();
    await vi.waitFor(() => expect(failures).toBeGreaterThan(0), waiting);
    await server!.start();
    const before = stored.length;
    await vi.waitFor(() => expect(stored.length).toBeGreaterThan(before + 50), waiting);
    isSending = false;
    await sending;
    const lost = (): string[] => {
      const handled = new Set(workers.committed());
      return stored.filter((value) => !handled.has(value));
    };
    await vi.waitFor(() => expect(lost()).toEqual([]), waiting);
  });

  test('consumers continue after the server was frozen', { timeout }, async () => {
    const broker = await brokerOf(contract);
    const { server } = broker;
    const workers = new Workers(program, broker);
    const { messaging } = await startReplica(broker, { options: lease });
    const mails = messaging.queue<string>('mails', queue);
    const worker = await workers.start({ role: 'queue' }, lease);
    await mails.send('before');
    await vi.waitFor(() => expect(workers.committed()).toEqual(['before']), waiting);
    server!.freeze();
    await expect(mails.send('during')).rejects.toBeInstanceOf(Error);
    server!.thaw();
    await vi.waitFor(() => mails.send('after'), waiting);
    await vi.waitFor(() => expect(workers.committed()).toContain('after'), waiting);
    await killed(worker);
  });
}
