/** Sends all data on a connection back until its client ends it. Must not depend on the client's files. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Component, component, defineConfig } from '@asphalt/core';
import { PortTakenError } from './port-taken-error.ts';

const options = defineConfig({
  host: { doc: 'Address to listen on', format: 'string', default: '127.0.0.1' },
  port: { doc: 'Port to listen on; 0 for any free port', format: 'port', default: 64100, env: 'ECHO_PORT' },
});

@component({ config: options, description: 'Echo server over TCP' })
export class EchoServer extends Component<typeof options> {
  readonly #open = new Set<Socket>();

  // Listens in `ready`, because no client may connect before the whole application has started.
  override async *ready(): AsyncGenerator<void> {
    const server = createServer((socket) => this.#serve(socket));
    await this.#listen(server);
    this.logger.info(`Listening on port ${(server.address() as AddressInfo).port}`);

    yield;

    const closed = once(server, 'close');
    server.close();
    // Clients receive the data already in transit, and then the end of the connection.
    for (const socket of this.#open) socket.unpipe().destroySoon();
    await closed;
  }

  async #listen(server: Server): Promise<void> {
    const { host, port } = this.config;
    server.listen(port, host);
    try {
      await once(server, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortTakenError(port, error);
      throw error;
    }
  }

  #serve(socket: Socket): void {
    this.#open.add(socket);
    socket.pipe(socket);
    socket.on('error', (error) => this.logger.warn(`A connection broke: ${error.message}`));
    socket.on('close', () => this.#open.delete(socket));
  }
}
