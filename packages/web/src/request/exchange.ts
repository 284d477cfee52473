/**
 * The server's side of a response: it carries the id of its request, and counts the bytes of its body for the access log.
 * Node's server takes the class as an option.
 */
import { ServerResponse, type OutgoingHttpHeader, type OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { LimitedMessage } from './body-limit.ts';

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[];
type Written = (error?: Error | null) => void;

/** Records a request and its response. */
export interface ExchangeRecord {
  /** Called once a handler may run. */
  begin(request: RecordedRequest): void;
  /** Called when the responses before this one have been sent, and it can be. */
  connected(socket: Socket): void;
  /** Called with each part of the body. */
  count(chunk: unknown): void;
  /** Called when the request is no longer running. */
  ended(): void;
  /** Called when the response or its connection has closed. */
  closed(): void;
  /** Called when the server sends another response in place of the handler's. */
  refused(status: number, bytes: number): void;
}

/** The part of a request that a record reads. */
export interface RecordedRequest {
  /** Whether a handler may run, or the context is open. */
  readonly isRunning: boolean;
  /** The path of the last handler that ran, such as `/pages/:id`. */
  readonly route: string | undefined;
}

export class ExchangeResponse extends ServerResponse<LimitedMessage> {
  requestId: string | undefined;
  /** The header that shows the id; empty for none. */
  idHeader = '';
  record: ExchangeRecord | undefined;

  /** Whether the connection has switched to another protocol; the exchange then lasts as long as the connection. */
  get hasSwitched(): boolean {
    return false;
  }

  /** Whether the client has received all of it. */
  get isComplete(): boolean {
    return this.writableFinished;
  }

  override assignSocket(socket: Socket): void {
    this.record?.connected(socket);
    super.assignSocket(socket);
  }

  override writeHead(status: number, reason?: string | Headers, headers?: Headers): this {
    const { idHeader, requestId } = this;
    if (idHeader === '' || requestId === undefined) return super.writeHead(status, reason as string, headers);
    if (isRecord(reason)) {
      // Node writes one object faster than headers from two sources (−4 % CPU per request on `web-hello-override`).
      return super.writeHead(status, withDefault(reason, idHeader, requestId));
    }
    // The header of a handler replaces this one.
    this.setHeader(idHeader, requestId);
    return super.writeHead(status, reason as string, headers);
  }

  override write(chunk: unknown, encoding?: unknown, written?: unknown): boolean {
    this.record?.count(chunk);
    return super.write(chunk, encoding as BufferEncoding, written as Written);
  }

  override end(chunk?: unknown, encoding?: unknown, ended?: unknown): this {
    this.record?.count(chunk);
    return super.end(chunk, encoding as BufferEncoding, ended as () => void);
  }
}

/** Whether an argument of `writeHead` contains headers by name. */
function isRecord(reason: string | Headers | undefined): reason is OutgoingHttpHeaders {
  return typeof reason === 'object' && !Array.isArray(reason);
}

/** Returns headers with one more, unless they contain it. @param header - in lower case */
function withDefault(headers: OutgoingHttpHeaders, header: string, value: string): OutgoingHttpHeaders {
  for (const name in headers) if (name.length === header.length && name.toLowerCase() === header) return headers;
  return { [header]: value, ...headers };
}

/** The record of a response, if the server that created it keeps one. */
export function recordOf(outgoing: ServerResponse | undefined): ExchangeRecord | undefined {
  return outgoing instanceof ExchangeResponse ? outgoing.record : undefined;
}

/** The path of a request target without its query, which may contain tokens. */
export function pathOf(target = ''): string {
  const path = target.startsWith('/') ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  const end = path.search(/[?#]/);
  return end === -1 ? path : path.slice(0, end);
}
