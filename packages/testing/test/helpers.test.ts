/** The helpers that need no application. */
import { createServer } from 'node:net';
import { once } from 'node:events';
import { captureLogs, eventually, expectNoLeaks, fakeClock, freePort, UnsettledError } from '@asphalt/testing';
import { errorOf } from '@asphalt/test-support';
import { describe, expect, test, vi } from 'vitest';

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

  test('rejects at the limit if the function does not settle, with its last error as the cause', async () => {
    const pending = new Promise<never>(() => undefined);
    const error = await errorOf(
      eventually(() => pending, { timeoutMs: 30 }),
      UnsettledError,
    );
    expect(error.message).toMatchInlineSnapshot(`
      "The function of eventually() did not settle within 30 ms
        help         find the promise that never settles in it, or raise timeoutMs if it is only slow
        code         ERR_TEST_UNSETTLED"
    `);
    let calls = 0;
    const failed = new Error('not yet');
    const check = (): Promise<never> => {
      if (++calls === 1) throw failed;
      return pending;
    };
    expect((await errorOf(eventually(check, { timeoutMs: 30 }), UnsettledError)).cause).toBe(failed);
  });

  test.each([0, -1, Infinity, 2 ** 40])(
    'a function that succeeds later has its result with a limit of %d',
    async (timeoutMs) => {
      let calls = 0;
      const later = async (): Promise<string> => {
        await Promise.resolve();
        if (timeoutMs > 0 && ++calls < 3) throw new Error('not yet');
        return 'done';
      };
      expect(await eventually(later, { timeoutMs })).toBe('done');
    },
  );

  test('leaves no timer open', async () => {
    await expectNoLeaks(() => eventually(async () => 'done'));
  });

  test('refuses a limit that is not a number before it calls the function', async () => {
    const check = vi.fn<() => void>();
    const error = await errorOf(eventually(check, { timeoutMs: NaN }), RangeError);
    expect(error.message).toBe('The limit of eventually() must be a number of milliseconds, got NaN');
    expect(check).not.toHaveBeenCalled();
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
