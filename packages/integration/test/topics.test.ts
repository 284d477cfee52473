import { Signal } from '@asphalt/core';
import { Deferred } from '@asphalt/test-support';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Topics, type LinkState, type RestoredConnection } from '../src/index.ts';

class FakeLink {
  state: LinkState = 'up';
  readonly restored = new Signal<RestoredConnection>();

  restore(): void {
    this.state = 'up';
    this.restored.dispatch({ server: 'db:7000', outageMs: 1 });
  }
}

/** A server with one topic. A test settles its commands one by one. */
class FakeTopic {
  readonly link = new FakeLink();
  readonly topics = new Topics<string>(this.link, (_, deliver) => this.#command('subscribe', deliver));
  readonly commands: string[] = [];
  readonly pending: { readonly settled: Deferred; readonly apply: () => void }[] = [];
  deliver: ((message: string) => void) | undefined;

  async #command(name: string, deliver: (message: string) => void): Promise<() => Promise<unknown>> {
    await this.#settled(name, () => (this.deliver = deliver));
    return () => this.#settled('unsubscribe', () => (this.deliver = undefined));
  }

  #settled(name: string, apply: () => void): Promise<void> {
    this.commands.push(name);
    const settled = new Deferred();
    this.pending.push({ settled, apply });
    return settled.promise;
  }

  /** Confirms or loses the oldest command, and lets its reactions run. */
  async settle(error?: Error): Promise<void> {
    const next = this.pending.shift();
    if (error) next?.settled.reject(error);
    else if (next) {
      next.apply();
      next.settled.resolve();
    }
    await new Promise(setImmediate);
  }
}

/** Subscribes to a topic, and records its messages. */
function observe({ topics }: FakeTopic): { readonly seen: string[]; remove(): void } {
  const seen: string[] = [];
  const subscription = topics.messages('news').subscribe({
    next: (message) => void seen.push(message),
    error: (error: unknown) => void seen.push(`error: ${(error as Error).message}`),
    complete: () => void seen.push('complete'),
  });
  return { seen, remove: () => subscription.unsubscribe() };
}

test('observers of a topic share one subscription', async () => {
  const fake = new FakeTopic();
  const [first, second] = [observe(fake), observe(fake)];
  await fake.settle();
  fake.deliver!('1');
  first.remove();
  fake.deliver!('2');
  second.remove();
  await fake.settle();
  expect([first.seen, second.seen]).toEqual([['1'], ['1', '2']]);
  expect(fake.commands).toEqual(['subscribe', 'unsubscribe']);
});

test('a refused subscription fails all its observers, and the next one is sent again', async () => {
  const fake = new FakeTopic();
  const [first, second] = [observe(fake), observe(fake)];
  await fake.settle(new Error('no permission'));
  expect([first.seen, second.seen]).toEqual([['error: no permission'], ['error: no permission']]);
  observe(fake);
  expect(fake.commands).toEqual(['subscribe', 'subscribe']);
});

test('after any sequence of observers and outages, the server has a subscription exactly if observers exist', async () => {
  const step = fc.constantFrom('add', 'remove', 'confirm', 'lose', 'restore');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const fake = new FakeTopic();
      const removals: (() => void)[] = [];
      for (const each of [...steps, 'restore']) {
        if (each === 'add') removals.push(observe(fake).remove);
        else if (each === 'remove') removals.shift()?.();
        else if (each === 'confirm' && fake.link.state === 'up') await fake.settle();
        else if (each === 'lose') {
          fake.link.state = 'lost';
          await fake.settle(new Error('connection lost'));
        } else if (each === 'restore' && fake.link.state === 'lost') {
          fake.link.restore();
          await new Promise(setImmediate);
        }
        expect(fake.pending.length).toBeLessThanOrEqual(1);
      }
      while (fake.pending.length > 0) await fake.settle();
      expect(fake.deliver !== undefined).toBe(removals.length > 0);
    }),
    { numRuns: 200 },
  );
});
