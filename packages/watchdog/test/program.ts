/**
 * A program that prints each delay of its watchdog as a line of JSON. Its arguments are the name of a function in `acts` and
 * the threshold in milliseconds.
 */
import { Watchdog } from '../src/index.ts';
import { crunch } from './crunch.ts';

const [act, thresholdMs = '50'] = process.argv.slice(2);
const watchdog = await Watchdog.start({ thresholdMs: Number(thresholdMs), stuckMs: 200 });
watchdog.delayed.subscribe((delay) => process.stdout.write(`${JSON.stringify(delay)}\n`));

const acts = {
  /** Stays idle until it is terminated. */
  idle: () => void setInterval(() => undefined, 60_000),
  /** Ends after some turns of the event loop. */
  rest: async () => {
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
    await watchdog.stop();
  },
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
setImmediate(() => void acts[act as keyof typeof acts]());
