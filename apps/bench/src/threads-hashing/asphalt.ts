import { ThreadPool } from '@asphalt/threads';
import type { Hash } from './workload.ts';

export async function open(): Promise<Hash> {
  const pool = new ThreadPool();
  const { hash } = await pool.module<typeof import('./work.ts')>(new URL('./work.js', import.meta.url));
  return hash;
}
