import { scryptSync } from 'node:crypto';

export function hash(password: string): string {
  return scryptSync(password, 'salt', 32).toString('hex');
}
