import type { Delay } from './delay.ts';
import { BlockingError } from './errors.ts';
import { Watchdog } from './watchdog.ts';

/**
 * Calls a function, waits for its result, and fails if code blocks the event loop for longer than the limit. Garbage
 * collections and a suspended machine do not count.
 *
 * @param limitMs - how long code may block the event loop, in milliseconds
 * @returns the function's result
 * @throws {@link BlockingError} that names the code; an error of the function takes precedence
 */
export async function expectNotBlocking<R>(run: () => R | Promise<R>, limitMs: number): Promise<R> {
  const watchdog = await Watchdog.start({ thresholdMs: limitMs });
  const delays: Delay[] = [];
  watchdog.delayed.subscribe((delay) => void delays.push(delay));
  let result: R;
  try {
    result = await run();
  } finally {
    await watchdog.stop();
  }
  const delay = delays.find(({ cause }) => cause === 'code' || cause === 'unknown');
  if (delay) throw new BlockingError(delay, limitMs);
  return result;
}
