import type { Context } from '@asphalt/core';
import type { Context as HonoContext, Env } from 'hono';
import type { WebEnv } from '../web-env.ts';

/** A message of a WebSocket: text, or bytes. */
export type SocketData = string | Uint8Array;

/** The server's end of a WebSocket. */
export interface ServerSocket {
  /** The context of the connection, which is that of its request. It closes after the connection. */
  readonly context: Context;
  /** The subprotocol; empty if the client and the route have none in common. */
  readonly protocol: string;
  /** Aborts when either side starts to close the connection, or when it is lost. */
  readonly closing: AbortSignal;
  /** The number of bytes that wait for the client. */
  readonly buffered: number;
  /**
   * Sends a message. Messages arrive in the order of the calls.
   *
   * @returns resolves when the connection has accepted the bytes, with whether it did: `false` if the connection closed
   * before, or if the message was dropped because the client is too slow
   */
  send(data: SocketData): Promise<boolean>;
  /**
   * Closes the connection after the messages that were sent. Messages that the client sends later are dropped.
   *
   * @param code - 1000, or a code from 3000 to 4999 of your own
   * @param reason - at most 123 bytes
   */
  close(code?: number, reason?: string): void;
}

/** How a connection was closed. */
export interface SocketEnd {
  /** The code of the client, or of the server if that closed first; 1006 if the connection was lost. */
  readonly code: number;
  readonly reason: string;
}

/** The handlers of the connections of a route. They run one after the other: the next after the former has settled. */
export interface SocketHandlers<C = HonoContext<WebEnv>> {
  /** Called when the connection is open. Messages wait until it has settled. */
  open?(socket: ServerSocket, c: C): unknown;
  /**
   * Handles a message. Without it, a message closes the connection with 1003.
   *
   * @param context - the context of this message, a child of the connection's. It closes when the handler has settled; an
   * error rolls back its transaction
   */
  message?(data: SocketData, socket: ServerSocket, context: Context): unknown;
  /** Called once after the connection has closed and the received messages were handled. */
  close?(socket: ServerSocket, end: SocketEnd): unknown;
  /** Handles errors of the other handlers. Without it, they are logged, and the connection closes with 1011. */
  error?(error: unknown, socket: ServerSocket): unknown;
}

/** Creates the handlers of one connection, before the connection is accepted. A response refuses it, as an error does. */
export type CreateHandlers<E extends Env, P extends string> = (
  c: HonoContext<E, P>,
) => SocketHandlers<HonoContext<E, P>> | Response | Promise<SocketHandlers<HonoContext<E, P>> | Response>;

export interface SocketOptions {
  /** The largest message, in bytes. A larger one closes the connection with 1009. @default the option `bodyLimit` */
  readonly maxPayload?: number;
  /** The number of messages of a connection that are handled at the same time. @default 1, which keeps their order */
  readonly concurrency?: number;
  /** The number of bytes that may wait for a client. @default 1_000_000 */
  readonly maxBuffered?: number;
  /**
   * How a message for a client with a full buffer is handled: `disconnect` closes the connection with 1013, `drop` drops
   * the message. @default 'disconnect'
   */
  readonly overflow?: 'disconnect' | 'drop';
  /** The time between two pings. A client that does not respond in this time is disconnected. @default 30_000 */
  readonly pingMs?: number;
  /**
   * The origins of pages that may connect, such as `https://example.org`, in addition to the server's own; `*` for all.
   * Clients that are no browsers send none and are accepted.
   */
  readonly origins?: readonly string[] | '*';
  /** The supported subprotocols. The first one of the client that is among them is used. */
  readonly protocols?: readonly string[];
  /** Whether messages may be compressed, which takes memory and time for each connection. @default false */
  readonly compress?: boolean;
}
