/** Times something so short that only many runs of it, in warm code, take a time. */
import { measure } from 'mitata';
import type { Effort } from './workload.ts';

const warmUpMs = 100;

/** The mean time of one run in nanoseconds, garbage collection included. */
export async function meanTime(run: () => unknown, effort: Effort): Promise<number> {
  if (effort === 'smoke') {
    const start = performance.now();
    for (let i = 0; i < 10; i++) await run();
    return ((performance.now() - start) * 1e6) / 10;
  }
  // The library looks at its first runs to decide whether one alone is long enough for the clock.
  for (const start = performance.now(); performance.now() - start < warmUpMs;) await run();
  // `gc` is not among the options that its types know: `false` keeps it from filling the memory where Node hides its own.
  const options = { min_cpu_time: 200e6, batch_samples: 512, gc: false };
  const { avg } = await measure(run, options);
  return avg;
}
