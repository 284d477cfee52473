/** The work of threads, and of the main thread beside them. */
import { scryptSync } from 'node:crypto';

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Works for a few milliseconds that cannot be interrupted. */
export function hash(password: string): string {
  return scryptSync(password, 'salt', 32, { N: 4096 }).toString('hex');
}
