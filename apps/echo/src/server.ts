/** Sends everything back that comes over a connection, until both sides have said what they had to say. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Component, component, defineConfig, Signal } from '@asphalt/core';

const options = defineConfig({
  host: { doc: 'Address to listen on', format: 'string', default: '127.0.0.1' },
  port: { doc: 'Port to listen on; 0 for any that is free', format: 'port', default: 64100, env: 'ECHO_PORT' },
});

@component({ config: options, description: 'Echo server over TCP' })
export class EchoServer extends Component<typeof options> {
  /** Tells of every connection that has ended, by what it brought. */
  readonly served = new Signal<{ readonly bytes: number }>();
  readonly #open = new Set<Socket>();

  // Listening is letting work in, so it waits until the whole application has started.
  override async *ready(): AsyncGenerator<void> {
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));
    await listen(server, this.config.port, this.config.host);
    this.logger.info(`Listening on port ${(server.address() as AddressInfo).port}`);

    yield;

    // Whoever is in the middle of a sentence may end it.
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#open) socket.end();
    await closed;
  }

  #serve(socket: Socket): void {
    this.#open.add(socket);
    socket.pipe(socket);
    socket.on('error', (error) => this.logger.warn(`A connection broke: ${error.message}`));
    socket.on('close', () => {
      this.#open.delete(socket);
      this.served.dispatch({ bytes: socket.bytesRead });
    });
  }
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening');
}
