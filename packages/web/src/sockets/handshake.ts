/** The opening handshake of a WebSocket, by the library `ws`, which is loaded for the first connection. */
import type { IncomingMessage } from 'node:http';
import type { Context as HonoContext } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { WebSocket, WebSocketServer } from 'ws';
import type { UpgradeResponse } from '../request/upgrade-response.ts';
import { textOf } from '../status-text.ts';
import { SocketOriginError } from './errors.ts';
import type { SocketOptions } from './server-socket.ts';

/** Headers that frame a response, or that belong to the handshake. */
const reserved = /^(?:connection|content-.*|keep-alive|trailer|transfer-encoding|upgrade|sec-websocket-.*)$/;

/** @throws `HTTPException` with 426 if the request does not ask for a WebSocket */
export function checkUpgrade(c: HonoContext): void {
  const isUpgrade = c.req.header('upgrade')?.toLowerCase() === 'websocket' && c.req.method === 'GET';
  if (isUpgrade) return;
  c.header('Upgrade', 'websocket');
  c.header('Connection', 'Upgrade');
  throw new HTTPException(426, { message: textOf(426) });
}

/**
 * A browser sends cookies with the handshake of any page, so a page of another origin could act for the user.
 *
 * @throws `HTTPException` with 403 if the origin is not accepted
 */
export function checkOrigin(
  c: HonoContext,
  origins: SocketOptions['origins'] = [],
  onRefusal: (error: SocketOriginError) => void,
): void {
  const origin = c.req.header('origin');
  if (origin === undefined || origins === '*' || origins.includes(origin)) return;
  if (URL.canParse(origin) && isSameSite(new URL(origin), new URL(c.req.url))) return;
  const cause = new SocketOriginError(c.req.path, origin);
  onRefusal(cause);
  throw new HTTPException(403, { message: textOf(403), cause });
}

/** A proxy may have accepted TLS for a request that arrives without it. Pages without TLS may be forged on their way. */
function isSameSite(page: URL, server: URL): boolean {
  return page.host === server.host && (page.protocol === 'https:' || server.protocol !== 'https:');
}

export interface Handshake {
  readonly incoming: IncomingMessage;
  readonly outgoing: UpgradeResponse;
  /** The headers that handlers and middleware set. */
  readonly headers: Headers;
  readonly maxPayload: number;
  readonly options: SocketOptions;
}

/** @throws `HTTPException` with 400 if the request is malformed or the client has left */
export function acceptSocket(
  Server: typeof WebSocketServer,
  { incoming, outgoing, headers, maxPayload, options: { protocols = [], compress = false } }: Handshake,
): WebSocket {
  const server = new Server({
    noServer: true,
    clientTracking: false,
    // 0 means no limit.
    maxPayload: Number.isFinite(maxPayload) ? maxPayload : 0,
    perMessageDeflate: compress,
    handleProtocols: (offered) => Array.from(offered).find((name) => protocols.includes(name)) ?? false,
  });
  let problem: Error | undefined;
  let accepted: WebSocket | undefined;
  server.on('wsClientError', (error) => (problem = error));
  server.on('headers', (lines) => {
    const { idHeader, requestId } = outgoing;
    if (idHeader !== '' && requestId !== undefined && !headers.has(idHeader)) lines.push(`${idHeader}: ${requestId}`);
    for (const [name, value] of headers) if (!reserved.test(name)) lines.push(`${name}: ${value}`);
  });
  server.handleUpgrade(incoming, outgoing.transport, outgoing.head, (socket) => (accepted = socket));
  if (accepted === undefined) throw new HTTPException(400, { message: textOf(400), cause: problem });
  outgoing.switchProtocol();
  return accepted;
}
