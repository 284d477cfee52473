/** Requests that Node cannot parse, or that arrive too slowly. No handler receives them; Node's own responses are not logged. */
import type { Socket } from 'node:net';
import type { AccessLog } from '../request/access-log.ts';
import type { ExchangeResponse } from '../request/exchange.ts';
import { errorBody, type ErrorFormat } from '../request/problem.ts';
import { textOf } from '../status-text.ts';

const statuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

export interface ClientErrorOptions {
  /** The response that is not complete, if the head of a request had arrived. */
  readonly pending: ExchangeResponse | undefined;
  readonly format: ErrorFormat;
  readonly accessLog: AccessLog | undefined;
}

/** Responds to an error of a connection, if the client can receive a response, and closes the connection. */
export function respondToClientError(
  error: NodeJS.ErrnoException,
  socket: Socket,
  { pending, format, accessLog }: ClientErrorOptions,
): void {
  const { code = '' } = error;
  const status = statuses[code] ?? (code.startsWith('HPE_') ? 400 : undefined);
  // A browser opens connections in advance, and may never use them.
  const isUnused = pending === undefined && socket.bytesRead === 0;
  // A response behind another one of its connection has no socket yet.
  const mustWait = pending !== undefined && (pending.headersSent || pending.socket !== socket);
  if (status === undefined || !socket.writable || mustWait) {
    socket.destroy(error);
    return;
  }
  const { body, type } = errorBody(format, status, {});
  const head = `HTTP/1.1 ${status} ${textOf(status)}\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n`;
  if (pending?.record) pending.record.refused(status, body.length);
  else if (!isUnused) accessLog?.refused(socket, status, code);
  socket.write(`${head}connection: close\r\n\r\n${body}`);
  socket.destroySoon();
}
