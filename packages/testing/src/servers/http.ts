import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loopback } from './ports.ts';
import { urlWith, WiredServer } from './start-server.ts';
import { TestServer } from './test-server.ts';

/**
 * Starts an HTTP server in this process.
 *
 * @param listener - responds to the requests
 */
export async function httpServer(listener: RequestListener): Promise<TestServer> {
  const server = createServer(listener).listen(0, loopback);
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  const { port } = server.address() as AddressInfo;
  return TestServer.open('http', urlWith('http'), new WiredServer({ host: loopback, port }, stop));
}
