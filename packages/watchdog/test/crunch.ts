/** Code that blocks until it has been looked at. The tests look for the numbers of its lines. */
import { nextLook } from './next-look.ts';

/** The second look comes when the delay is surely long enough to count. */
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
