/** A program that prints each delay of its watchdog as a line of JSON. Its argument is the name of a function in `acts`. */
import { Watchdog } from '../src/index.ts';
import { crunch } from './crunch.ts';

const watchdog = await Watchdog.start({ thresholdMs: 50, stuckMs: 200 });
watchdog.delayed.subscribe((delay) => process.stdout.write(`${JSON.stringify(delay)}\n`));

const acts = {
  /** Stays idle until it is terminated. */
  idle: () => void setInterval(() => undefined, 60_000),
  /** Never returns. */
  hang: () => {
    for (;;);
  },
  /** Blocks for a while, and ends after the delay has been printed. */
  block: async () => {
    if (watchdog.namesCode) crunch();
    const end = Date.now() + 300;
    while (Date.now() < end);
    await watchdog.stop();
  },
};

process.stdout.write(`${JSON.stringify({ namesCode: watchdog.namesCode })}\n`);
setImmediate(() => void acts[process.argv[2] as keyof typeof acts]());
