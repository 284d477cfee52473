import { setTimeout as sleep } from 'node:timers/promises';
import { retryPauseMs } from './back-off.ts';

export interface KeepTryingOptions {
  /** Ends the retries. The work itself is not interrupted. */
  readonly abort?: AbortSignal | undefined;
  /** The longest pause between two attempts, in milliseconds. */
  readonly longestPauseMs: number;
  /** Called after each failed attempt. */
  readonly onFailure: (error: unknown, attempts: number) => void;
}

/**
 * Repeats work until it succeeds, with growing pauses.
 *
 * @throws the abort reason when `abort` fires before the work has succeeded
 */
export async function keepTrying<T>(work: () => Promise<T>, options: KeepTryingOptions): Promise<T> {
  const { abort, longestPauseMs, onFailure } = options;
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await work();
    } catch (error) {
      onFailure(error, attempts);
    }
    abort?.throwIfAborted();
    await sleep(retryPauseMs(attempts, longestPauseMs), undefined, { signal: abort }).catch(() => {});
    abort?.throwIfAborted();
  }
}
