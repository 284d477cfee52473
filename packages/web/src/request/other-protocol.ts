/** A request after which its connection uses another protocol, such as that of WebSockets. */
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { HTTPException } from 'hono/http-exception';
import { textOf } from '../status-text.ts';

/**
 * Sends the response that confirms the other protocol.
 *
 * @param headers - the headers that handlers and middleware set
 * @throws `HTTPException` if the connection cannot switch
 */
export type OtherProtocol = (headers: Headers) => OtherConnection;

/** A connection that uses another protocol. */
export interface OtherConnection {
  /** Resolves when the connection has closed and its handlers have ended. */
  readonly closed: Promise<void>;
  /** Closes the connection when the server stops, after the running handlers. */
  end(): void;
  /** Closes the connection and the contexts of running handlers with an error. */
  cutOff(error: Error): void;
}

/** Returns the response of a connection that has switched, which the protocol has sent already. */
export function switchedResponse(): Response {
  const response = new Response(null, { headers: RESPONSE_ALREADY_SENT.headers });
  // The constructor accepts only statuses of responses that are complete.
  return Object.defineProperty(response, 'status', { value: 101 });
}

/** The error of a connection that the server no longer accepts. */
export function unavailable(): HTTPException {
  return new HTTPException(503, { message: textOf(503) });
}
