import { Piscina } from 'piscina';

export async function open(threads: number): Promise<(numbers: readonly number[]) => Promise<number>> {
  const pool = new Piscina<readonly number[], number>({
    filename: new URL('./work.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
  });
  return (numbers) => pool.run(numbers, { name: 'sum' });
}
