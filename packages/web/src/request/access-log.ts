/**
 * The access log: a line per request with the status that the client received. A record waits for the response, which
 * has been sent or broken off, and for the context of the request, which closes later if the client left.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '@asphalt/core';
import { pathOf, type ExchangeRecord, type ExchangeResponse, type RecordedRequest } from './exchange.ts';
import { textOf } from '../status-text.ts';
import { clientOf } from './proxies.ts';

/** Responses without a body, although a handler may have written one. */
const bodiless = new Set([204, 304]);

export class AccessLog {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Records a request that has just arrived. */
  open(incoming: IncomingMessage, outgoing: ExchangeResponse): void {
    const record = new AccessRecord(this.#logger, incoming, outgoing);
    outgoing.record = record;
    outgoing.on('close', () => record.closed());
  }

  /** Logs a request whose head did not arrive. @param reason - the code of Node's error */
  refused(socket: Socket, status: number, reason: string): void {
    const client = clientOf({ socket });
    this.#logger.info(`${textOf(status)} ${status}`, { status, ...(client !== undefined && { client }), reason });
  }
}

class AccessRecord implements ExchangeRecord {
  readonly #logger: Logger;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ExchangeResponse;
  /** Unknown after the connection has closed, unless it was read before. */
  readonly #client: string | undefined;
  readonly #arrived = performance.now();
  /** The bytes that earlier responses of the connection have sent. */
  #sentBefore: number;
  #tookMs: number | undefined;
  #status: number | undefined;
  #isAborted = false;
  #bytes = 0;
  #refused: { readonly status: number; readonly bytes: number } | undefined;
  #request: RecordedRequest | undefined;
  #isWritten = false;

  constructor(logger: Logger, incoming: IncomingMessage, outgoing: ExchangeResponse) {
    this.#logger = logger;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#client = clientOf(incoming);
    this.#sentBefore = incoming.socket.bytesWritten;
  }

  connected({ bytesWritten }: Socket): void {
    this.#sentBefore = bytesWritten;
  }

  count(chunk: unknown): void {
    if (this.#tookMs !== undefined) return;
    if (typeof chunk === 'string') this.#bytes += Buffer.byteLength(chunk);
    else if (chunk instanceof Uint8Array) this.#bytes += chunk.length;
  }

  refused(status: number, bytes: number): void {
    this.#refused = { status, bytes };
  }

  begin(request: RecordedRequest): void {
    // An application that is mounted in another one serves the same request.
    this.#request ??= request;
  }

  ended(): void {
    this.#writeOnce();
  }

  closed(): void {
    if (this.#tookMs !== undefined) return;
    this.#tookMs = performance.now() - this.#arrived;
    // The adapter may still write to a response that was broken off.
    const { headersSent, statusCode, hasSwitched, isComplete } = this.#outgoing;
    this.#isAborted = !isComplete;
    if (hasSwitched) {
      this.#status = 101;
      this.#bytes = this.#incoming.socket.bytesWritten - this.#sentBefore;
      this.#writeOnce();
      return;
    }
    const sent = this.#isAborted ? this.#sentBytes() : Number.POSITIVE_INFINITY;
    if (headersSent && sent > 0) this.#status = statusCode;
    this.#bytes = Math.min(this.#bytes, sent);
    if (this.#refused !== undefined) {
      ({ status: this.#status, bytes: this.#bytes } = this.#refused);
      this.#isAborted = false;
    }
    this.#writeOnce();
  }

  /** A connection that is destroyed drops the data that it has not sent, and responses that wait for others. */
  #sentBytes(): number {
    return this.#outgoing.socket === null ? 0 : this.#incoming.socket.bytesWritten - this.#sentBefore;
  }

  #writeOnce(): void {
    if (this.#isWritten || this.#tookMs === undefined || this.#request?.isRunning === true) return;
    this.#isWritten = true;
    const { method = '', url = '' } = this.#incoming;
    const { requestId } = this.#outgoing;
    const path = pathOf(url);
    const status = this.#status;
    const route = this.#request?.route;
    this.#logger.info(`${method} ${path} ${status ?? 'aborted'}`, {
      method,
      path,
      ...(route !== undefined && { route }),
      ...(status !== undefined && { status }),
      bytes: method === 'HEAD' || bodiless.has(status ?? 0) ? 0 : this.#bytes,
      ms: Math.round(this.#tookMs * 1000) / 1000,
      ...(this.#client !== undefined && { client: this.#client }),
      ...(requestId !== undefined && { request: requestId }),
      ...(this.#isAborted && { aborted: true }),
    });
  }
}
