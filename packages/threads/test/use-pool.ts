/** Opens pools of real threads for tests, with the module that the tests run in them. */
import { onTestFinished } from 'vitest';
import { ThreadPool, type ModuleOptions, type ThreadModule, type ThreadPoolOptions } from '../src/index.ts';

export type Work = typeof import('./modules/work.ts');
export const workUrl = new URL('./modules/work.ts', import.meta.url);

/** Creates a pool that is closed when the test ends. */
export function poolWith(options?: ThreadPoolOptions): ThreadPool {
  const pool = new ThreadPool({ drainMs: 0, ...options });
  onTestFinished(() => pool.close());
  return pool;
}

/** Returns the functions of the tests' module in a new pool. */
export async function workIn(options?: ThreadPoolOptions, terms?: ModuleOptions): Promise<ThreadModule<Work>> {
  return poolWith(options).module<Work>(workUrl, terms);
}

/** Creates numbers in shared memory. */
export function shared(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(8));
}

/** Waits until a thread has written a number other than 0. */
export async function written(numbers: Int32Array, index = 0): Promise<void> {
  while (Atomics.load(numbers, index) === 0) await new Promise(setImmediate);
}

/** Sets a number to 1 and wakes the thread that waits for it. */
export function release(numbers: Int32Array, index = 1): void {
  Atomics.store(numbers, index, 1);
  Atomics.notify(numbers, index);
}
