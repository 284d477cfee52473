/** Loaded into the process under load. Measures its event loop and its memory, from SIGUSR2 until its exit. */
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 10 });
let peakRss = 0;
let cpu = process.cpuUsage();

delay.enable();
process.on('SIGUSR2', () => {
  delay.reset();
  peakRss = 0;
  cpu = process.cpuUsage();
});
setInterval(() => (peakRss = Math.max(peakRss, process.memoryUsage.rss())), 500).unref();
process.on('exit', () => {
  const { user, system } = process.cpuUsage(cpu);
  const ms = (nanoseconds) => Math.round(nanoseconds / 1e5) / 10;
  const report = {
    // Includes the 10 ms of the timer's own interval.
    delayMs: { median: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) },
    peakRss,
    cpuSeconds: (user + system) / 1e6,
  };
  writeFileSync(process.env.SOAK_REPORT, JSON.stringify(report));
});
