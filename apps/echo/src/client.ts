/** Sends a message to the echo server, prints the response and exits. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { CliComponent, component, defineConfig } from '@asphalt/core';

const options = defineConfig({
  host: { doc: 'Address of the server', format: 'string', default: '127.0.0.1' },
  port: { doc: 'Port of the server', format: 'port', default: 64100, env: 'ECHO_PORT' },
  message: { doc: 'Message to send', format: 'string', required: true },
});

@component({ config: options, description: 'Client of the echo server' })
export class EchoClient extends CliComponent<typeof options> {
  override async run(abort: AbortSignal): Promise<number> {
    const { host, port, message } = this.config;
    const socket = connect({ host, port, signal: abort });
    await once(socket, 'connect');
    socket.end(message);
    const response = await text(socket);
    process.stdout.write(`${response}\n`);
    return response === message ? 0 : 1;
  }
}
