/**
 * The listening socket. Requests for health endpoints and for hosts that are not accepted end here; all others pass to
 * the application through hono's adapter.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { getRequestListener, type HttpBindings } from '@hono/node-server';
import type { AccessLog } from '../request/access-log.ts';
import { LimitedMessage } from '../request/body-limit.ts';
import type { RequestIds } from '../request/request-id.ts';
import { ClosableResponse } from './closable-response.ts';
import { Connections } from './connections.ts';
import type { HealthEndpoints } from './health-endpoints.ts';
import { hostCheck, type HostCheck } from './hosts.ts';
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
  readonly health?: HealthEndpoints | undefined;
  readonly requestIds?: RequestIds | undefined;
  readonly accessLog?: AccessLog | undefined;
}

export class HttpServer {
  readonly #server: Server<typeof LimitedMessage, typeof ClosableResponse>;
  readonly #connections = new Connections();
  readonly #options: HttpServerOptions;
  readonly #listener: ReturnType<typeof getRequestListener>;
  #isHost: HostCheck = () => true;
  /** The latest header that was accepted. */
  #acceptedHost: string | undefined;

  constructor(fetch: Fetch, options: HttpServerOptions) {
    this.#options = options;
    this.#listener = getRequestListener((request, env) => fetch(request, env as HttpBindings), {
      hostname: options.hostname,
      overrideGlobalObjects: options.overrideGlobals ?? false,
      errorHandler: () => new Response(textOf(400), { status: 400 }),
    });
    this.#server = createServer(
      { IncomingMessage: LimitedMessage, ServerResponse: ClosableResponse },
      (incoming, outgoing) => this.#handle(incoming, outgoing),
    );
    this.#server.on('connection', (socket) => this.#connections.add(socket));
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

  /** Announces the end of every connection with its next response, and still accepts connections. */
  drain(): void {
    this.#connections.drain();
  }

  /** Accepts no more; resolves when the pending responses have been sent and the last connection has closed. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#connections.close();
    return closed;
  }

  /** Breaks off every connection. */
  destroy(): void {
    this.#connections.destroy();
  }

  #handle(incoming: LimitedMessage, outgoing: ClosableResponse): void {
    if (!this.#connections.track(incoming, outgoing)) return;
    const { bodyLimit = Number.POSITIVE_INFINITY, health, requestIds, accessLog, onRefusedHost } = this.#options;
    incoming.limit = bodyLimit;
    incoming.response = outgoing;
    const refused = this.#refusedHost(incoming);
    const probe = health?.probeOf(incoming.url);
    if (probe !== undefined) {
      // Probes use addresses as host names.
      void health!.respond(probe, incoming, outgoing, refused === undefined);
      return;
    }
    if (requestIds !== undefined) {
      outgoing.idHeader = requestIds.header;
      outgoing.requestId = requestIds.idOf(incoming);
    }
    accessLog?.open(incoming, outgoing);
    if (refused === undefined) {
      void this.#listener(incoming, outgoing);
      return;
    }
    onRefusedHost?.(refused);
    const text = textOf(421);
    const headers = { 'content-type': 'text/plain; charset=UTF-8', 'content-length': text.length };
    outgoing.writeHead(421, headers).end(text);
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
}

/** The host of a request target such as `http://host/path`. */
function hostOfTarget(url = ''): string | undefined {
  return url.startsWith('/') ? undefined : /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url)?.[1];
}
