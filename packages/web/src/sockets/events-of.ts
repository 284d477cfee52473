/** Server-sent events of a signal in one line. */
import type { Context as HonoContext, Env, Handler } from 'hono';
import type { BlankInput } from 'hono/types';
import { requestContext, RequestScope } from '../request/request-scope.ts';
import type { WebEnv } from '../web-env.ts';
import { EventBytes } from './event-bytes.ts';
import type { EventsOptions } from './event-options.ts';
import { sourceFor, type LiveSource } from './live-source.ts';

const headers = {
  'content-type': 'text/event-stream; charset=UTF-8',
  // A proxy must neither store the stream nor compress it, which would delay events.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
};

/**
 * Creates a handler that sends the events of a signal, or of another Observable, as server-sent events.
 *
 * @remarks
 * The stream has the context of its request. It ends when the source completes, when the client leaves, and at once when
 * the server stops. A slow client never delays the source.
 * @example
 * web.get('/changes', eventsOf(detector.changed));
 */
export function eventsOf<T, E extends Env = WebEnv, P extends string = string>(
  source: LiveSource<T, HonoContext<E, P>>,
  options: EventsOptions<T, HonoContext<E, P>> = {},
): Handler<E, P, BlankInput, Promise<Response>> {
  checkOptions(options);
  return async (c) => {
    requestContext(c);
    const { logger, name } = RequestScope.find(c)!;
    const lastEventId = c.req.header('last-event-id');
    const bytes = new EventBytes<T>({
      source: await sourceFor(source, c),
      options,
      replay: async () => (await options.replay?.(lastEventId, c)) ?? [],
      onSlow: (error) => logger.warn(error.summary),
      name,
    });
    return c.body(new ReadableStream(bytes, { highWaterMark: 0 }), 200, headers);
  };
}

function checkOptions({ capacity = 1, heartbeatMs = 1 }: Pick<EventsOptions<never>, 'capacity' | 'heartbeatMs'>): void {
  for (const [name, value] of Object.entries({ capacity, heartbeatMs })) {
    if (!(value >= 1)) throw new RangeError(`eventsOf() needs a ${name} of at least 1, got ${value}`);
  }
}
