/** Measures calls of a function in a thread pool. */
import { meanTime } from '../harness/hot.ts';
import { implementationOf, type Implementations, type Workload } from '../harness/workload.ts';
import { sum } from '../programs/thread-work.ts';

/** Creates a pool of threads. @returns a function that calls {@link sum} in one of them */
type Open = (threads: number) => Promise<(numbers: readonly number[]) => Promise<number>>;

const work = new URL('../programs/thread-work.js', import.meta.url);

const implementations: Implementations<Open> = {
  async asphalt(threads) {
    const { ThreadPool } = await import('@asphalt/threads');
    const pool = new ThreadPool({ min: threads, max: threads });
    const { sum: call } = await pool.module<typeof import('../programs/thread-work.ts')>(work);
    return call;
  },

  async piscina(threads) {
    const { Piscina } = await import('piscina');
    const options = { filename: work.href, minThreads: threads, maxThreads: threads };
    const pool = new Piscina<readonly number[], number>(options);
    return (numbers) => pool.run(numbers, { name: 'sum' });
  },
};

const threadCount = 2;
const callsAtOnce = 100;

export const threads: Workload = {
  name: 'threads',
  measures: `A function that adds a hundred numbers is called in a pool of ${threadCount} threads, ${callsAtOnce} calls at once; the time is that of one call.`,
  unit: 'µs',
  yardstick: 'piscina',
  target: 'asphalt ≥ 0.95 × the calls of piscina (≤ 1.05 × its time)',
  subjects: [
    { name: 'asphalt', package: '@asphalt/threads', note: 'over piscina' },
    { name: 'piscina', package: 'piscina' },
  ],
  async sample(subject, effort) {
    const open = implementationOf(implementations, subject);
    const call = await open(threadCount);
    const numbers = Array.from({ length: 100 }, (_, index) => index);
    const expected = sum(numbers);
    let wrong = 0;
    const time = await meanTime(async () => {
      const results = await Promise.all(Array.from({ length: callsAtOnce }, () => call(numbers)));
      for (const result of results) if (result !== expected) wrong++;
    }, effort);
    if (wrong > 0) throw new Error(`${wrong} calls returned a wrong sum`);
    return { value: time / callsAtOnce / 1000 };
  },
};
