import type { Hash } from './workload.ts';
import { hash } from './work.ts';

export async function open(): Promise<Hash> {
  return async (password) => hash(password);
}
