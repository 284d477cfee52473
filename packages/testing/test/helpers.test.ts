/** The helpers that need no application. */
import { createServer } from 'node:net';
import { once } from 'node:events';
import { captureLogs, eventually, fakeClock, freePort } from '@asphalt/testing';
import { errorOf } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';

test('captured lines have level, name, message and data, also from children and for errors', () => {
  const { logger, lines } = captureLogs();
  const { error } = logger.child('api').child('reports');
  const failure = new TypeError('broken');
  logger.debug('a', { b: 1 });
  logger.child('web').warn('c');
  error(failure as never);
  expect(lines).toEqual([
    { level: 'debug', name: '', message: 'a', data: { b: 1 } },
    { level: 'warn', name: 'web', message: 'c', data: undefined },
    { level: 'error', name: 'api.reports', message: 'broken', data: { err: failure } },
  ]);
});

describe('eventually', () => {
  test('calls the function until it succeeds, and returns its result', async () => {
    let calls = 0;
    const third = (): number => {
      if (++calls < 3) throw new Error('not yet');
      return calls;
    };
    expect(await eventually(third)).toBe(3);
    expect(await eventually(async () => third())).toBe(4);
  });

  test('throws the last error after the limit', async () => {
    let calls = 0;
    const never = (): never => {
      throw new Error(`attempt ${++calls}`);
    };
    expect((await errorOf(eventually(never, { timeoutMs: 0 }))).message).toBe('attempt 1');
    expect((await errorOf(eventually(never, { timeoutMs: 30 }))).message).toBe(`attempt ${calls}`);
  });

  test('works while a fake clock is installed', async () => {
    using clock = fakeClock();
    let calls = 0;
    await eventually(() => expect(++calls).toBe(2));
    expect(clock.now).toBe(Date.UTC(2000, 0));
  });
});

describe('a fake clock', () => {
  test('runs due timers in order, with promises between them', async () => {
    const events: string[] = [];
    using clock = fakeClock(1000);
    setTimeout(() => {
      events.push(`first at ${Date.now()}`);
      void Promise.resolve().then(() => events.push('promise'));
    }, 10);
    setTimeout(() => events.push(`second at ${performance.now()}`), 20);
    expect(clock.timers).toBe(2);
    await clock.advance(9);
    expect(events).toEqual([]);
    await clock.advance(11);
    expect(events).toEqual(['first at 1010', 'promise', 'second at 20']);
    expect(clock.now).toBe(1020);
  });

  test('restores the real timers', () => {
    const real = setTimeout;
    const clock = fakeClock();
    expect(setTimeout).not.toBe(real);
    clock.restore();
    expect(setTimeout).toBe(real);
  });

  test('leaves sockets real', async () => {
    using _clock = fakeClock();
    const server = createServer().listen(await freePort(), '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
  });
});
