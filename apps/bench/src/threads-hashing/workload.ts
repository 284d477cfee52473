/** Work that would block the event loop, in a pool of threads, while the main thread has something else to do. */
import { load, type Loaders, type Workload } from '../harness/workload.ts';
import { TimerDelay } from './timer-delay.ts';
import { hash } from './work.ts';

export type Hash = (password: string) => Promise<string>;

/** @returns what hashes a password: in a pool that has one thread for each processor, where there is a pool. */
type Open = () => Promise<Hash>;

const loaders: Loaders<{ open: Open }> = {
  asphalt: () => import('./asphalt.ts'),
  piscina: () => import('./piscina.ts'),
  'main thread': () => import('./main-thread.ts'),
};

const timerMs = 10;
const differentPasswords = 20;

export const threadsHashing: Workload = {
  name: 'threads-hashing',
  measures: `200 passwords are hashed, some milliseconds each, in a pool with one thread for each processor, while a timer of ${timerMs} ms runs on the main thread; the time is that of all of them. *worst delay* is how late the timer was at worst.`,
  unit: 'ms',
  yardstick: 'piscina',
  target: 'asphalt ≥ 0.95 × the throughput of piscina, which is ≤ 1.05 × its time; a worst delay ≤ 15 ms',
  subjects: [
    { name: 'asphalt', package: '@asphalt/threads', note: 'over piscina' },
    { name: 'piscina', package: 'piscina' },
    { name: 'main thread', note: 'one after the other, without a pool' },
  ],
  async sample(subject, effort) {
    const { open } = await load(loaders, subject);
    const hashElsewhere = await open();
    const count = effort === 'smoke' ? 10 : 200;
    const passwords = Array.from({ length: count }, (_, index) => `password ${index % differentPasswords}`);
    // A pool that has been used has its threads.
    await Promise.all(passwords.slice(0, differentPasswords).map((password) => hashElsewhere(password)));
    const delay = new TimerDelay(timerMs);
    const start = performance.now();
    const hashes = await Promise.all(passwords.map((password) => hashElsewhere(password)));
    const value = performance.now() - start;
    const worstMs = delay.stop();
    const expected = new Map([...new Set(passwords)].map((password) => [password, hash(password)]));
    const wrong = passwords.filter((password, index) => hashes[index] !== expected.get(password));
    if (wrong.length > 0) throw new Error(`${wrong.length} passwords got a wrong hash`);
    return { value, beside: { 'worst delay, ms': worstMs } };
  },
};
