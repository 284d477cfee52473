/** Code that blocks until its stack has been read. The tests search for its lines by their comments. */
import { nextLook } from './next-look.ts';

/** Blocks until the second look, when the delay is long enough to count. */
export function crunch(): void {
  for (let look = nextLook(), looks = 0; looks < 2; look = nextLook(), looks++) {
    while (!look.hasBeen && Date.now() < look.latest); // crunch
  }
}

export class Cruncher {
  run(): void {
    const inner = (): void => crunch(); // inner
    inner();
  }
}
