/** Requests for another protocol. Node passes them past its parser, without a response, and closes those without a listener. */
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { LimitedMessage } from '../request/body-limit.ts';
import type { ClosableResponse } from '../request/closable-response.ts';
import { UpgradeResponse } from '../request/upgrade-response.ts';

/**
 * Serves requests for a WebSocket like others, so that routes can refuse them. A request for another protocol, such as
 * `h2c`, is served as if it did not ask for one.
 *
 * @param isBusy - whether a response is pending on a connection
 */
export function onUpgrade(
  server: EventEmitter,
  serve: (incoming: LimitedMessage, outgoing: ClosableResponse) => void,
  isBusy: (socket: Socket) => boolean,
): void {
  server.on('upgrade', (incoming: LimitedMessage, _, head: Buffer) => {
    const { socket, headers, method, httpVersion } = incoming;
    if (isBusy(socket)) {
      // The bytes of both protocols would be mixed.
      socket.destroy();
    } else if (method === 'GET' && httpVersion === '1.1' && headers.upgrade?.toLowerCase() === 'websocket') {
      // Node has removed its own listener.
      socket.on('error', () => {});
      serve(incoming, new UpgradeResponse(incoming, head));
    } else {
      socket.unshift(Buffer.concat([headWithoutUpgrade(incoming), head]));
      server.emit(socket instanceof TLSSocket ? 'secureConnection' : 'connection', socket);
    }
  });
}

/** The request line and the headers, without the one that asks for a protocol. */
function headWithoutUpgrade({ method, url, httpVersion, rawHeaders }: LimitedMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (!/^upgrade$/i.test(rawHeaders[at]!)) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
