import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

export const loopback = '127.0.0.1';

/**
 * Ports below those that Linux and macOS assign to outgoing connections. Otherwise, such a connection could take the
 * port of a server while the server is down.
 */
const first = 10_000;
const last = 32_767;
const attempts = 50;

/** Starts to listen at a free port. */
export async function listenAtFreePort(server: Server): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = first + Math.floor(Math.random() * (last - first + 1));
    try {
      await listenAt(server, port);
      return port;
    } catch (error) {
      if (!isPortTaken(error) || attempt === attempts) throw error;
    }
  }
}

export async function listenAt(server: Server, port: number): Promise<void> {
  server.listen(port, loopback);
  await once(server, 'listening');
}

/** Returns an address of the loopback interface with a free port. */
export async function freeAddress(): Promise<{ readonly host: string; readonly port: number }> {
  return { host: loopback, port: await freePort() };
}

/**
 * Returns a port of the loopback interface at which no program listens.
 *
 * Another program can take it before you do; a server that listens at port 0 has no such gap.
 */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenAtFreePort(server);
  server.close();
  await once(server, 'close');
  return port;
}

export function isPortTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
}
