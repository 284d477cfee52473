/** Says something to the echo server, prints what comes back and ends. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { CliComponent, component, defineConfig } from '@asphalt/core';

const options = defineConfig({
  host: { doc: 'Where the server listens', format: 'string', default: '127.0.0.1' },
  port: { doc: 'Port of the server', format: 'port', default: 64100, env: 'ECHO_PORT' },
  message: { doc: 'What to say', format: 'string', required: true },
});

@component({ config: options, description: 'Client of the echo server' })
export class EchoClient extends CliComponent<typeof options> {
  override async run(abort: AbortSignal): Promise<number> {
    const { host, port, message } = this.config;
    const socket = connect({ host, port, signal: abort });
    await once(socket, 'connect');
    socket.end(message);
    const answer = await text(socket);
    process.stdout.write(`${answer}\n`);
    return answer === message ? 0 : 1;
  }
}
