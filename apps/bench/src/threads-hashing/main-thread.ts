import type { Hash } from '../workloads/threads-hashing.ts';
import { hash } from '../programs/thread-work.ts';

export async function open(): Promise<Hash> {
  return async (password) => hash(password);
}
