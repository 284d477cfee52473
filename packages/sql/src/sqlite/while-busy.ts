import { setTimeout as delay } from 'node:timers/promises';
import { isBusy } from './interface.ts';

const retryMs = 10;

/**
 * Repeats an attempt while another process holds the lock. Does not block the event loop.
 *
 * An attempt that fails because of a lock has no effect, so repeating it is safe.
 *
 * @param toError - converts the driver's error when the time limit has passed
 */
export async function whileBusy<T>(
  attempt: () => T,
  waitMs: number,
  toError: (error: unknown) => unknown = (error) => error,
): Promise<T> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() >= deadline) throw toError(error);
    }
    await delay(retryMs);
  }
}
