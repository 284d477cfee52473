/** Runs the load test: `npm run test:soak -- pagewatch --seconds 300 --clients 50`. */
import { parseArgs } from 'node:util';
import { runSoak } from './run-soak.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '300' },
    clients: { type: 'string', default: '50' },
    rate: { type: 'string', default: '100' },
  },
});
const rate = Number(values.rate);
/** The minimum share of the changes that must be recorded and shown in time. */
const target = 0.95;

const report = await runSoak({ seconds: Number(values.seconds), clients: Number(values.clients), rate });
const { seconds } = report;
const perSecond = (count: number): string => `${count} (${(count / seconds).toFixed(1)} per second)`;
const { delayMs, peakRss, cpuSeconds } = report.process;
const problems = [
  report.recorded < rate * seconds * target && `fewer than ${rate * target} changes per second were recorded`,
  report.shown < rate * seconds * target && `fewer than ${rate * target} changes per second were shown`,
  report.lost.length > 0 && `versions were lost: ${report.lost.slice(0, 10).join(', ')}`,
  report.gaps > 0 && 'clients missed changes',
  report.exitCode !== 0 && 'pagewatch did not exit with code 0',
].filter((problem) => problem !== false);

console.log(`changes made       ${perSecond(report.made)}
recorded           ${perSecond(report.recorded)}
shown in time      ${perSecond(report.shown)}, by the slowest of ${values.clients} clients
lost versions      ${report.lost.length}
missed by clients  ${report.gaps}
event loop         median ${delayMs.median} ms, p99 ${delayMs.p99} ms, longest ${delayMs.max} ms
overview page      ${report.slowestPageMs} ms at most
memory             ${Math.round(peakRss / 1024 / 1024)} MiB at most
processor          ${cpuSeconds.toFixed(1)} s
exit code          ${report.exitCode}`);
for (const problem of problems) console.log(`failed: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
