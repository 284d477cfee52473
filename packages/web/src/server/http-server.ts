/**
 * The listening socket. Requests for health endpoints and for hosts that are not accepted end here; all others pass to
 * the application through hono's adapter.
 */
import { createServer, type IncomingMessage, type Server, type ServerOptions } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo, ListenOptions, Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';

import { getRequestListener, type HttpBindings } from '@hono/node-server';
import type { AccessLog } from '../request/access-log.ts';
import { LimitedMessage } from '../request/body-limit.ts';
import { ClosableResponse } from '../request/closable-response.ts';
import { pathOf } from '../request/exchange.ts';
import { errorBody, errorResponse, type ErrorFormat } from '../request/problem.ts';
import type { RequestIds } from '../request/request-id.ts';
import { respondToClientError } from './client-errors.ts';
import { Connections } from './connections.ts';
import { Handshakes } from './handshakes.ts';
import type { HealthEndpoints } from './health-endpoints.ts';
import { hostCheck, hostnameOf, type HostCheck } from './hosts.ts';
import { removeStaleSocket } from './unix-socket.ts';
import { onUpgrade } from './upgrades.ts';
import { nodeOptions, type ServerLimits } from './limits.ts';
import type { Proxies } from '../request/proxies.ts';

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
  /** By default those of Node. */
  readonly limits?: ServerLimits;
  /** Called when a connection is refused because of the limit. */
  readonly onRefusedConnection?: () => void;
  readonly proxies?: Proxies | undefined;
  /** Encrypts connections. With `ca`, clients must have a certificate. */
  readonly tls?: SecureContextOptions | undefined;
  readonly requestIds?: RequestIds | undefined;
  readonly accessLog?: AccessLog | undefined;
  /** The format of responses to requests that are refused. */
  readonly errors?: ErrorFormat;
}

type Message = typeof LimitedMessage;
type Reply = typeof ClosableResponse;

export class HttpServer {
  readonly scheme: 'http' | 'https';
  readonly #server: Server<Message, Reply> | SecureServer<Message, Reply>;
  readonly #connections = new Connections();
  readonly #handshakes = new Handshakes();
  readonly #options: HttpServerOptions;
  readonly #listener: ReturnType<typeof getRequestListener>;
  #isHost: HostCheck = () => true;
  /** The latest header that was accepted. */
  #acceptedHost: string | undefined;

  constructor(fetch: Fetch, options: HttpServerOptions) {
    this.#options = options;
    this.scheme = options.tls === undefined ? 'http' : 'https';
    this.#listener = getRequestListener((request, env) => fetch(request, env as HttpBindings), {
      hostname: options.hostname,
      overrideGlobalObjects: options.overrideGlobals ?? false,
      errorHandler: () => errorResponse(options.errors ?? 'text', 400),
    });
    const { tls, limits, onRefusedConnection } = options;
    const common = { ...nodeOptions(limits), IncomingMessage: LimitedMessage, ServerResponse: ClosableResponse };
    this.#server = tls === undefined ? createServer(common) : this.#secure(common, tls);
    const serve = (incoming: LimitedMessage, outgoing: ClosableResponse): void => this.#handle(incoming, outgoing);
    this.#server.on('request', serve);
    onUpgrade(this.#server, serve, (socket) => this.#connections.isBusy(socket));
    const connected = tls === undefined ? 'connection' : 'secureConnection';
    this.#server.on(connected, (socket: Socket) => this.#connections.add(socket));
    if (limits !== undefined && limits.maxConnections > 0) this.#server.maxConnections = limits.maxConnections;
    this.#server.on('clientError', (error, socket: Socket) => this.#clientError(error, socket));
    this.#server.on('drop', () => onRefusedConnection?.());
  }

  #secure(common: ServerOptions<Message, Reply>, tls: SecureContextOptions): SecureServer<Message, Reply> {
    const { headersTimeout: handshakeTimeout } = common;
    const requestCert = tls.ca !== undefined;
    const server = createSecureServer({
      ...common,
      ...tls,
      requestCert,
      ...(handshakeTimeout && { handshakeTimeout }),
    });
    server.on('connection', (socket: Socket) => this.#handshakes.add(socket));
    server.prependListener('secureConnection', (socket) => this.#handshakes.done(socket));
    return server;
  }

  #clientError(error: NodeJS.ErrnoException, socket: Socket): void {
    const { errors: format = 'text', accessLog } = this.#options;
    respondToClientError(error, socket, { pending: this.#connections.pendingOf(socket), format, accessLog });
  }

  /** Uses another certificate for new connections. */
  renew(tls: SecureContextOptions): void {
    if ('setSecureContext' in this.#server) this.#server.setSecureContext(tls);
  }

  /** Resolves to the port once connections are accepted; rejects with the system's error. */
  async listen(host: string, port: number): Promise<number> {
    await this.#listen({ host, port });
    const { address, port: actualPort } = this.#server.address() as AddressInfo;
    this.#isHost = hostCheck(this.#options.hosts, address, host);
    return actualPort;
  }

  /** Listens on a unix socket. Replaces a file that no process listens on. */
  async listenOnSocket(path: string): Promise<void> {
    this.#isHost = hostCheck(this.#options.hosts, '', '');
    try {
      await this.#listen({ path });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || !(await removeStaleSocket(path))) throw error;
      await this.#listen({ path });
    }
  }

  #listen(options: ListenOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(options, () => {
        this.#server.off('error', reject);
        resolve();
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
    this.#handshakes.destroy();
    this.#connections.close();
    return closed;
  }

  /** Breaks off every connection. */
  destroy(): void {
    this.#handshakes.destroy();
    this.#connections.destroy();
  }

  #handle(incoming: LimitedMessage, outgoing: ClosableResponse): void {
    if (!this.#connections.track(incoming, outgoing)) return;
    const { bodyLimit = Number.POSITIVE_INFINITY, health, proxies, requestIds, accessLog } = this.#options;
    incoming.limit = bodyLimit;
    incoming.response = outgoing;
    if (proxies !== undefined) incoming.origin = proxies.originOf(incoming);
    // Before the URL contains the scheme and host of a proxy.
    const probe = health?.probeOf(incoming.url);
    const refused = this.#refusedHost(incoming) ?? this.#useOrigin(incoming);
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
    if (hasSeveralHosts(incoming)) {
      this.#refuse(400, incoming, outgoing);
    } else if (refused === undefined) {
      void this.#listener(incoming, outgoing);
    } else {
      this.#options.onRefusedHost?.(refused);
      this.#refuse(421, incoming, outgoing);
    }
  }

  #refuse(status: 400 | 421, { url }: IncomingMessage, outgoing: ClosableResponse): void {
    const source = { path: pathOf(url), requestId: outgoing.requestId };
    const { body, type } = errorBody(this.#options.errors ?? 'text', status, source);
    outgoing.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
  }

  /** Changes the URL of a request to that which its client used. @returns a host that it must not use */
  #useOrigin(incoming: LimitedMessage): string | undefined {
    if (incoming.origin === undefined) return undefined;
    const { scheme, host } = incoming.origin;
    if (host !== undefined && (hostnameOf(host) === undefined || !this.#isHost(host))) return host;
    if ((scheme ?? host) === undefined || incoming.url?.startsWith('/') !== true) return undefined;
    const name = host ?? incoming.headers.host ?? this.#options.hostname;
    // The adapter refuses other text in a header, but not in a target.
    if (hostnameOf(name) === undefined) return name;
    incoming.url = `${scheme ?? this.scheme}://${name}${incoming.url}`;
    return undefined;
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

/** Whether a proxy could choose another host than Node, which reads the first header (RFC 9112, section 3.2). */
function hasSeveralHosts({ rawHeaders }: IncomingMessage): boolean {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count > 1;
}

/** The host of a request target such as `http://host/path`. */
function hostOfTarget(url = ''): string | undefined {
  return url.startsWith('/') ? undefined : /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url)?.[1];
}
