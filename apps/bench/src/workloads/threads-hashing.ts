/** Measures blocking work in a thread pool while the main thread runs a timer. */
import { availableParallelism } from 'node:os';
import { implementationOf, type Implementations, type Workload } from '../harness/workload.ts';
import { hash } from '../programs/thread-work.ts';

type Hash = (password: string) => Promise<string>;

/** @returns a function that hashes a password, in a pool with one thread per processor if the subject has a pool */
type Open = () => Promise<Hash>;

const work = new URL('../programs/thread-work.js', import.meta.url);

const implementations: Implementations<Open> = {
  async asphalt() {
    const { ThreadPool } = await import('@asphalt/threads');
    const pool = new ThreadPool();
    const { hash: call } = await pool.module<typeof import('../programs/thread-work.ts')>(work);
    return call;
  },

  async piscina() {
    const { Piscina } = await import('piscina');
    const pool = new Piscina<string, string>({
      filename: work.href,
      // piscina's default is 1.5 threads per processor, which compete for the same processors.
      maxThreads: availableParallelism(),
      idleTimeout: 30_000,
    });
    return (password) => pool.run(password, { name: 'hash' });
  },

  async 'main thread'() {
    return async (password) => hash(password);
  },
};

/** Measures the largest delay of a timer, in milliseconds, from now until {@link TimerDelay.stop}. */
class TimerDelay {
  readonly #everyMs: number;
  readonly #timer: NodeJS.Timeout;
  #due: number;
  #worstMs = 0;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
    this.#due = performance.now() + everyMs;
    this.#timer = setInterval(() => this.#tick(), everyMs);
  }

  stop(): number {
    clearInterval(this.#timer);
    // The timer may be overdue without having run.
    this.#tick();
    return this.#worstMs;
  }

  #tick(): void {
    const now = performance.now();
    this.#worstMs = Math.max(this.#worstMs, now - this.#due);
    this.#due = now + this.#everyMs;
  }
}

const timerMs = 10;
const differentPasswords = 20;

export const threadsHashing: Workload = {
  name: 'threads-hashing',
  measures: `200 passwords are hashed, some milliseconds each, in a pool with one thread for each processor, while a timer of ${timerMs} ms runs on the main thread; the time is that of all of them. *worst delay* is the largest delay of the timer.`,
  unit: 'ms',
  yardstick: 'piscina',
  target: 'asphalt ≥ 0.95 × the throughput of piscina (≤ 1.05 × its time); a worst delay ≤ 15 ms',
  subjects: [
    { name: 'asphalt', package: '@asphalt/threads', note: 'over piscina' },
    { name: 'piscina', package: 'piscina' },
    { name: 'main thread', note: 'in sequence, without a pool' },
  ],
  async sample(subject, effort) {
    const open = implementationOf(implementations, subject);
    const hashElsewhere = await open();
    const count = effort === 'smoke' ? 10 : 200;
    const passwords = Array.from({ length: count }, (_, index) => `password ${index % differentPasswords}`);
    // After these calls, the pool has started its threads.
    await Promise.all(passwords.slice(0, differentPasswords).map((password) => hashElsewhere(password)));
    const delay = new TimerDelay(timerMs);
    const start = performance.now();
    const hashes = await Promise.all(passwords.map((password) => hashElsewhere(password)));
    const value = performance.now() - start;
    const worstMs = delay.stop();
    const expected = new Map([...new Set(passwords)].map((password) => [password, hash(password)]));
    const wrong = passwords.filter((password, index) => hashes[index] !== expected.get(password));
    if (wrong.length > 0) throw new Error(`${wrong.length} passwords have a wrong hash`);
    return { value, beside: { 'worst delay, ms': worstMs } };
  },
};
