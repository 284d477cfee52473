/** Program of `npm run test:rolling`: restarts two processes again and again, and fails if a request fails. */
import { parseArgs } from 'node:util';
import { runRolling } from './run-rolling.ts';
import type { Totals } from './load.ts';

const { values } = parseArgs({
  options: {
    restarts: { type: 'string', default: '20' },
    requests: { type: 'string', default: '200000' },
    rate: { type: 'string', default: '500' },
    drain: { type: 'string', default: '5s' },
  },
});

const startedAt = performance.now();
const perSecond = Number(values.rate);
const [restarts, requests] = [Number(values.restarts), Number(values.requests)];

function print({ sent, reused, failed, failures, slowestPollMs }: Totals): string {
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const details = failed === 0 ? '' : ` ${JSON.stringify(failures)}`;
  return `${sent} requests, ${reused} on kept connections, ${failed} failed${details}, after ${seconds} s; slowest poll of a stopping server ${Math.round(slowestPollMs)} ms`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

// Otherwise the test would not notice failures.
const control = await runRolling({ restarts: 2, requests: 2000, perSecond, drainDelay: '0' });
say(`Without a drain delay: ${print(control)}`);
const onRestarted = (restart: number, totals: Totals): void => say(`Restart ${restart}: ${print(totals)}`);
const totals = await runRolling({ restarts, requests, perSecond, drainDelay: values.drain, onRestarted });
say(`With a drain delay of ${values.drain}: ${print(totals)}`);
if (control.failed === 0) say('The control run must fail requests');
if (control.failed === 0 || totals.failed > 0) process.exitCode = 1;
