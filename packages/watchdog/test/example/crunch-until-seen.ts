import { nextLook } from '../next-look.ts';

/** Blocks until its stack has been read, and for long enough to count as a delay. */
export function crunchUntilSeen(): void {
  const look = nextLook();
  while (!look.hasBeen && Date.now() < look.latest);
  for (const end = Date.now() + 300; Date.now() < end;);
}
