import type { Overflow } from '@asphalt/core';
import type { Context as HonoContext } from 'hono';
import type { WebEnv } from '../web-env.ts';

/** Events that a client receives before the live ones. */
export type Replay<T> = Iterable<T> | AsyncIterable<T>;

export interface EventsOptions<T, C = HonoContext<WebEnv>> {
  /** Returns the data of an event. @default its JSON */
  readonly data?: (event: T) => string;
  /** The name of the events, to which a browser listens. @default 'message' */
  readonly event?: string | ((event: T) => string);
  /** Returns the id of an event; a browser that reconnects sends the last one. Events without an id keep the last one. */
  readonly id?: (event: T) => string | number | undefined;
  /**
   * Returns the events that a client receives first. Live events wait until then; those with an id of one of the last
   * replayed events are skipped.
   *
   * @param lastEventId - the id of the last event that a reconnecting client has received
   */
  readonly replay?: (lastEventId: string | undefined, c: C) => Replay<T> | Promise<Replay<T>>;
  /** The number of events that may wait for a client. @default 100 */
  readonly capacity?: number;
  /**
   * How an event for a client with a full queue is handled: `disconnect` ends the stream after the waiting events, so that
   * a browser reconnects and `replay` sends the rest. The others are those of a signal's stream. @default 'disconnect'
   */
  readonly overflow?: 'disconnect' | Exclude<Overflow, 'error' | 'unbounded'>;
  /** The time without an event after which a comment is sent, so that proxies keep the connection. @default 15_000 */
  readonly heartbeatMs?: number;
  /** The time after which a browser reconnects. @default that of the browser */
  readonly retryMs?: number;
}
