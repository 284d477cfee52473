// Fake timers replace the global function.
import { setTimeout } from 'node:timers';

export interface EventuallyOptions {
  /** @default 2000 */
  readonly timeoutMs?: number;
}

const intervalMs = 10;

/**
 * Calls a function again until it succeeds, and returns its result. Fake timers do not affect it.
 *
 * @param check - throws, or rejects, while the expected state has not been reached
 * @throws the last error of the function, if it fails for longer than the limit
 */
export async function eventually<R>(
  check: () => R | Promise<R>,
  { timeoutMs = 2000 }: EventuallyOptions = {},
): Promise<R> {
  const end = process.hrtime.bigint() + BigInt(Math.round(Math.min(timeoutMs, Number.MAX_SAFE_INTEGER / 1e6) * 1e6));
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (process.hrtime.bigint() >= end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
