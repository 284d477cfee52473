import { scryptSync } from 'node:crypto';

/** The work of the threads and of the main thread: a few milliseconds that cannot be interrupted. */
export function hash(password: string): string {
  return scryptSync(password, 'salt', 32, { N: 4096 }).toString('hex');
}
