import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { Hash } from './workload.ts';

export async function open(): Promise<Hash> {
  const pool = new Piscina<string, string>({
    filename: new URL('./work.js', import.meta.url).href,
    // By itself it would have half as many again, which take as long for the same work and disturb each other.
    maxThreads: availableParallelism(),
    idleTimeout: 30_000,
  });
  return (password) => pool.run(password, { name: 'hash' });
}
