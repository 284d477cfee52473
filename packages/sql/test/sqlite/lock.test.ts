import { describe, expect, test } from 'vitest';
import { Lock } from '../../src/sqlite/lock.ts';

describe('Lock', () => {
  test('has one holder at a time, in the order of the requests', async () => {
    const lock = new Lock();
    const entered: string[] = [];
    const enter = async (name: string): Promise<void> => {
      await lock.acquire(1000);
      entered.push(name);
    };
    const all = Promise.all([enter('a'), enter('b'), enter('c')]);
    await Promise.resolve();
    expect(entered).toEqual(['a']);
    lock.release();
    lock.release();
    await all;
    expect(entered).toEqual(['a', 'b', 'c']);
  });

  test('abandons a request after its limit, and the next release skips it', async () => {
    const lock = new Lock();
    await lock.acquire(0);
    const [late, patient] = [lock.acquire(1), lock.acquire(1000)];
    expect(await late).toBe(false);
    lock.release();
    expect(await patient).toBe(true);
  });

  test('is free after its holder has released it', async () => {
    const lock = new Lock();
    await lock.acquire(0);
    lock.release();
    expect(await lock.acquire(0)).toBe(true);
  });

  test('supports a limit that is longer than the longest timer', async () => {
    const lock = new Lock();
    await lock.acquire(0);
    const waiting = lock.acquire(Number.MAX_SAFE_INTEGER);
    await new Promise((resolve) => setTimeout(resolve, 5));
    lock.release();
    expect(await waiting).toBe(true);
  });
});
