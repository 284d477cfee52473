import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { Hash } from '../workloads/threads-hashing.ts';

export async function open(): Promise<Hash> {
  const pool = new Piscina<string, string>({
    filename: new URL('../programs/thread-work.js', import.meta.url).href,
    // piscina's default is 1.5 threads per processor, which compete for the same processors.
    maxThreads: availableParallelism(),
    idleTimeout: 30_000,
  });
  return (password) => pool.run(password, { name: 'hash' });
}
