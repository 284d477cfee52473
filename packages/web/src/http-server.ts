/**
 * The listening socket and its connections. Knows how to stop without waiting for connections that are only
 * kept alive, or that a browser opened in advance: Node counts the latter as busy.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { getRequestListener, type HttpBindings } from '@hono/node-server';

export type Fetch = (request: Request, env: HttpBindings) => Response | Promise<Response>;

export interface HttpServerOptions {
  /** Replaces a missing `Host` header. */
  readonly hostname: string;
  /** Whether the adapter replaces the global `Request` and `Response` by its own, faster classes. */
  readonly overrideGlobals?: boolean;
}

export class HttpServer {
  readonly #server: Server;
  /** The connections, each with its latest answer: answers leave in order, so when that is out none is owed. */
  readonly #connections = new Map<Socket, ServerResponse | undefined>();
  #closing = false;

  constructor(fetch: Fetch, { hostname, overrideGlobals = false }: HttpServerOptions) {
    const options = { hostname, overrideGlobalObjects: overrideGlobals };
    const listener = getRequestListener((request, env) => fetch(request, env as HttpBindings), options);
    this.#server = createServer((incoming, outgoing) => {
      this.#track(incoming, outgoing);
      void listener(incoming, outgoing);
    });
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
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** Accepts no more; resolves when the answers that are owed have been sent and the last connection has closed. */
  close(): Promise<void> {
    this.#closing = true;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const [socket, latest] of this.#connections) {
      if (latest === undefined || latest.closed) socket.destroy();
      else this.#endAfter(latest, socket);
    }
    return closed;
  }

  /** Breaks off every connection. */
  destroy(): void {
    for (const socket of this.#connections.keys()) socket.destroy();
  }

  #track({ socket }: IncomingMessage, outgoing: ServerResponse): void {
    if (!socket.destroyed) this.#connections.set(socket, outgoing);
    if (this.#closing) this.#endAfter(outgoing, socket);
  }

  #endAfter(answer: ServerResponse, socket: Socket): void {
    answer.once('close', () => {
      if (this.#connections.get(socket) === answer) socket.destroySoon();
    });
  }
}
