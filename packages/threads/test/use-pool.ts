/** Pools of real threads for tests, and the module that the tests run in them. */
import { onTestFinished } from 'vitest';
import { ThreadPool, type ModuleOptions, type ThreadModule, type ThreadPoolOptions } from '../src/index.ts';

export type Work = typeof import('./modules/work.ts');
export const workUrl = new URL('./modules/work.ts', import.meta.url);

/** A pool that is closed when the test has ended. */
export function poolWith(options?: ThreadPoolOptions): ThreadPool {
  const pool = new ThreadPool({ drainMs: 0, ...options });
  onTestFinished(() => pool.close());
  return pool;
}

/** The functions of the tests' module, in a pool of their own. */
export async function workIn(options?: ThreadPoolOptions, terms?: ModuleOptions): Promise<ThreadModule<Work>> {
  return poolWith(options).module<Work>(workUrl, terms);
}

/** Numbers that threads and tests share. */
export function shared(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(8));
}

/** Waits until a thread has written a number other than 0. */
export async function written(numbers: Int32Array, index = 0): Promise<void> {
  while (Atomics.load(numbers, index) === 0) await new Promise(setImmediate);
}

/** Lets go whoever waits for it. */
export function release(numbers: Int32Array, index = 1): void {
  Atomics.store(numbers, index, 1);
  Atomics.notify(numbers, index);
}

/** What a call throws, or its promise rejects with. */
export async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
