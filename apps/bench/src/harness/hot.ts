/** Measures operations that are too short for a single run: repeats them in warm code. */
import { measure } from 'mitata';
import type { Effort } from './workload.ts';

/**
 * Returns the mean time of one run in nanoseconds, garbage collection included.
 *
 * @param warmUpMs - how long the code runs before the measurement; 100 ms are enough for runs of microseconds
 */
export async function meanTime(run: () => unknown, effort: Effort, warmUpMs = 100): Promise<number> {
  if (effort === 'smoke') {
    const start = performance.now();
    for (let i = 0; i < 10; i++) await run();
    return ((performance.now() - start) * 1e6) / 10;
  }
  // mitata decides by its first runs whether a single run is long enough for the clock.
  for (const start = performance.now(); performance.now() - start < warmUpMs;) await run();
  // mitata's types lack `gc`. With `false` it does not allocate memory to force a collection if Node hides `gc()`.
  const options = { min_cpu_time: 200e6, batch_samples: 512, gc: false };
  const { avg } = await measure(run, options);
  return avg;
}
