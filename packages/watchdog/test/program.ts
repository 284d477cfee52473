/** A program that tells what its watchdog finds, one line of JSON for each; what it does is the name of a function. */
import { Watchdog } from '../src/index.ts';
import { crunch } from './crunch.ts';

const watchdog = await Watchdog.start({ thresholdMs: 50, stuckMs: 200 });
watchdog.delayed.subscribe((delay) => process.stdout.write(`${JSON.stringify(delay)}\n`));

const acts = {
  /** Has nothing to do, until it is ended. */
  idle: () => void setInterval(() => undefined, 60_000),
  /** Never comes back. */
  hang: () => {
    for (;;);
  },
  /** Blocks for a while, and ends when it has told of it. */
  block: async () => {
    if (watchdog.namesCode) crunch();
    const end = Date.now() + 300;
    while (Date.now() < end);
    await watchdog.stop();
  },
};

process.stdout.write(`${JSON.stringify({ namesCode: watchdog.namesCode })}\n`);
setImmediate(() => void acts[process.argv[2] as keyof typeof acts]());
