import { ThreadPool } from '@asphalt/threads';

export async function open(threads: number): Promise<(numbers: readonly number[]) => Promise<number>> {
  const pool = new ThreadPool({ min: threads, max: threads });
  const { sum } = await pool.module<typeof import('./work.ts')>(new URL('./work.js', import.meta.url));
  return sum;
}
