/**
 * The listening socket and its connections. Knows how to stop without waiting for connections that are only
 * kept alive, or that a browser opened in advance: Node counts the latter as busy.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { getRequestListener, type HttpBindings } from '@hono/node-server';

export type Fetch = (request: Request, env: HttpBindings) => Response | Promise<Response>;

export class HttpServer {
  readonly #server: Server;
  /** How many answers are owed on each connection. */
  readonly #owed = new Map<Socket, number>();
  #closing = false;

  constructor(fetch: Fetch, hostname: string) {
    // The web server is a guest here: `Request` and `Response` stay what they are for everybody else.
    const options = { hostname, overrideGlobalObjects: false };
    const listener = getRequestListener((request, env) => fetch(request, env as HttpBindings), options);
    this.#server = createServer((incoming, outgoing) => {
      this.#track(incoming, outgoing);
      void listener(incoming, outgoing);
    });
    this.#server.on('connection', (socket) => {
      this.#owed.set(socket, 0);
      socket.once('close', () => this.#owed.delete(socket));
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
    for (const [socket, owed] of this.#owed) if (owed === 0) socket.destroy();
    return closed;
  }

  /** Breaks off every connection. */
  destroy(): void {
    for (const socket of this.#owed.keys()) socket.destroy();
  }

  #track({ socket }: IncomingMessage, outgoing: ServerResponse): void {
    this.#owed.set(socket, (this.#owed.get(socket) ?? 0) + 1);
    outgoing.once('close', () => {
      const owed = (this.#owed.get(socket) ?? 1) - 1;
      if (!socket.destroyed) this.#owed.set(socket, owed);
      if (this.#closing && owed === 0) socket.destroySoon();
    });
  }
}
