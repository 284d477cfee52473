import { BlockingError, Watchdog, type Delay } from '@asphalt/watchdog';

/**
 * Runs a function and waits for what it gives; fails when code blocked the event loop meanwhile for longer than it may.
 * Garbage collections and a machine that stands still are not held against it.
 *
 * @param limitMs - how long nothing else may run, in milliseconds
 * @returns what the function gives
 * @throws {@link BlockingError} that names the code; what the function itself throws goes first
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
