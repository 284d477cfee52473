import { scryptSync } from 'node:crypto';

/** What runs in the threads, and on the main thread: some milliseconds of work that cannot be interrupted. */
export function hash(password: string): string {
  return scryptSync(password, 'salt', 32, { N: 4096 }).toString('hex');
}
