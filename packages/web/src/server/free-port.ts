/** Finds a port to suggest when a server cannot have its own. */
import { createServer } from 'node:net';

/** The most ports that are tried. */
const tries = 20;

/**
 * Returns a port that is free on the host: for a port of the administrator one above 8000, otherwise the next free one.
 *
 * @returns 0, with which the system chooses a port, if none of the next ones is free
 */
export async function freePortNear(port: number, host: string): Promise<number> {
  const first = port < 1024 ? 8000 + port : port + 1;
  for (let candidate = first; candidate < Math.min(first + tries, 65_536); candidate++)
    if (await isFree(candidate, host)) return candidate;
  return 0;
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host }, () => server.close(() => resolve(true)));
  });
}
