import { ThreadPool } from '@asphalt/threads';
import type { Hash } from '../workloads/threads-hashing.ts';

export async function open(): Promise<Hash> {
  const pool = new ThreadPool();
  const { hash } = await pool.module<typeof import('../programs/thread-work.ts')>(
    new URL('../programs/thread-work.js', import.meta.url),
  );
  return hash;
}
