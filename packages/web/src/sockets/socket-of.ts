import type { Context as HonoContext, Env, Handler } from 'hono';
import type { BlankInput } from 'hono/types';
import { RequestScope } from '../request/request-scope.ts';
import type { WebEnv } from '../web-env.ts';
import { sourceFor, toJson, type LiveSource } from './live-source.ts';
import type { ServerSocket, SocketOptions } from './server-socket.ts';
import { webSocket } from './web-socket.ts';

export interface SocketOfOptions<T> extends Omit<SocketOptions, 'concurrency' | 'maxPayload'> {
  /** Returns the message for an event. @default its JSON */
  readonly data?: (event: T) => string | Uint8Array;
}

/**
 * Creates a handler that sends the events of a signal, or of another Observable, to a WebSocket.
 *
 * @remarks
 * The connection closes with 1000 when the source completes. A slow client never delays the source: see the options
 * `maxBuffered` and `overflow`.
 * @example
 * web.get('/changes/socket', socketOf(detector.changed));
 */
export function socketOf<T, E extends Env = WebEnv, P extends string = string>(
  source: LiveSource<T, HonoContext<E, P>>,
  { data = toJson, ...options }: SocketOfOptions<T> = {},
): Handler<E, P, BlankInput, Promise<Response>> {
  return webSocket<E, P>(async (c) => {
    const events = await sourceFor(source, c);
    const scope = RequestScope.find(c);
    return {
      open(socket: ServerSocket) {
        const fail = (error: unknown): void => {
          scope?.logger.error(`${scope.name} failed`, { error });
          socket.close(1011);
        };
        events.pipe(socket.context.until()).subscribe({
          next(event) {
            try {
              void socket.send(data(event));
            } catch (error) {
              fail(error);
            }
          },
          error: fail,
          complete: () => socket.close(),
        });
      },
    };
  }, options);
}
