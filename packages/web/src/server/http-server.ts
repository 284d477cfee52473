/**
 * The listening socket and its connections. Knows how to stop without waiting for connections that are only
 * kept alive, or that a browser opened in advance: Node counts the latter as busy.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { LimitedMessage } from '../request/body-limit.ts';
import { ClosableResponse } from '../request/closable-response.ts';
import { UpgradeResponse } from '../request/upgrade-response.ts';
import { hostCheck, type HostCheck } from './hosts.ts';
import { onUpgrade } from './upgrades.ts';
import { textOf } from '../status-text.ts';

export type Fetch = (request: Request, env: HttpBindings) => Response | Promise<Response>;

export interface HttpServerOptions {
  /** Replaces a missing `Host` header. */
  readonly hostname: string;
  /** Whether the adapter replaces the global `Request` and `Response` by its own, faster classes. */
  readonly overrideGlobals?: boolean;
  /** The largest request body, in bytes. */
  readonly bodyLimit?: number;
  /** The accepted `Host` headers; see {@link hostCheck}. */
  readonly hosts?: readonly string[] | undefined;
  readonly onRefusedHost?: (host: string) => void;
}

export class HttpServer {
  readonly #server: Server<typeof LimitedMessage, typeof ClosableResponse>;
  /** The connections, each with its latest response. A client receives it last, because responses leave in order. */
  readonly #connections = new Map<Socket, ClosableResponse | undefined>();
  #closing = false;
  readonly #options: HttpServerOptions;
  #isHost: HostCheck = () => true;
  /** The latest header that was accepted. */
  #acceptedHost: string | undefined;

  constructor(fetch: Fetch, options: HttpServerOptions) {
    const { hostname, overrideGlobals = false, bodyLimit = Number.POSITIVE_INFINITY, onRefusedHost } = options;
    this.#options = options;
    const listener = getRequestListener((request, env) => fetch(request, env as HttpBindings), {
      hostname,
      overrideGlobalObjects: overrideGlobals,
      errorHandler: () => new Response(textOf(400), { status: 400 }),
    });
    const serve = (incoming: LimitedMessage, outgoing: ClosableResponse): void => {
      if (!this.#track(incoming, outgoing)) return;
      incoming.limit = bodyLimit;
      incoming.response = outgoing;
      const refused = this.#refusedHost(incoming);
      if (refused === undefined) {
        void listener(incoming, outgoing);
        return;
      }
      onRefusedHost?.(refused);
      const text = textOf(421);
      const headers = { 'content-type': 'text/plain; charset=UTF-8', 'content-length': text.length };
      outgoing.writeHead(421, headers).end(text);
    };
    this.#server = createServer({ IncomingMessage: LimitedMessage, ServerResponse: ClosableResponse }, serve);
    onUpgrade(this.#server, serve, (socket) => this.#connections.get(socket)?.writableFinished === false);
    this.#server.on('connection', (socket) => {
      this.#connections.set(socket, undefined);
      socket.once('close', () => this.#connections.delete(socket));
    });
  }

  /** Resolves to the port once connections are accepted; rejects with the system's error. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', reject);
        const { address, port: actualPort } = this.#server.address() as AddressInfo;
        this.#isHost = hostCheck(this.#options.hosts, address, host);
        resolve(actualPort);
      });
    });
  }

  /** Accepts no more; resolves when the pending responses have been sent and the last connection has closed. */
  close(): Promise<void> {
    this.#closing = true;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const [socket, latest] of this.#connections) {
      if (latest === undefined || latest.closed) socket.destroy();
      else if (!hasSwitched(latest)) this.#endAfter(latest, socket);
    }
    return closed;
  }

  /** Breaks off every connection. */
  destroy(): void {
    for (const [socket, latest] of this.#connections) {
      if (hasSwitched(latest)) latest.breakOff();
      else socket.destroy();
    }
  }

  /** Returns whether the request is to be served. */
  #track({ socket }: IncomingMessage, outgoing: ClosableResponse): boolean {
    if (this.#closing) {
      const before = this.#connections.get(socket);
      if (before?.isLast === true) {
        // The client must repeat a request that it sent after the last one, on another connection.
        if (before.headersSent) return false;
        before.isLast = false;
      }
      this.#endAfter(outgoing, socket);
    }
    if (!socket.destroyed) this.#connections.set(socket, outgoing);
    return true;
  }

  /** The host that a request must not use, in its header or its target. */
  #refusedHost({ headers: { host }, url }: IncomingMessage): string | undefined {
    const isRefused = (name: string | undefined): boolean => name !== undefined && name !== '' && !this.#isHost(name);
    // Nearly all requests use the same header.
    if (host !== this.#acceptedHost) {
      if (isRefused(host)) return host;
      this.#acceptedHost = host;
    }
    const target = hostOfTarget(url);
    return isRefused(target) ? target : undefined;
  }

  /** Closes a connection after a response. The client learns of it in the header, and sends no further request. */
  #endAfter(response: ClosableResponse, socket: Socket): void {
    response.isLast = true;
    response.once('close', () => {
      if (this.#connections.get(socket) === response) socket.destroySoon();
    });
  }
}

function hasSwitched(response: ClosableResponse | undefined): response is UpgradeResponse {
  return response instanceof UpgradeResponse && response.hasSwitched;
}

/** The host of a request target such as `http://host/path`. */
function hostOfTarget(url = ''): string | undefined {
  return url.startsWith('/') ? undefined : /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url)?.[1];
}
