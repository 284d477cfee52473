import type { Logger } from '@asphalt/core';
import type { Context as HonoContext, Env, Handler } from 'hono';
import type { BlankInput } from 'hono/types';
import { RequestContextError } from '../errors.ts';
import { LimitedMessage } from '../request/body-limit.ts';
import { RequestScope } from '../request/request-scope.ts';
import { calledBy } from '../routes/handler-functions.ts';
import { UpgradeResponse } from '../request/upgrade-response.ts';
import type { WebEnv } from '../web-env.ts';
import { Connection } from './connection.ts';
import { SocketServerError, type SocketOriginError } from './errors.ts';
import { acceptSocket, checkOrigin, checkUpgrade } from './handshake.ts';
import type { CreateHandlers, SocketHandlers, SocketOptions } from './server-socket.ts';

/**
 * Creates a handler that accepts WebSockets. It runs after the middleware that covers its path, which can refuse the
 * connection with a response.
 *
 * @remarks
 * The context of the request stays open as long as the connection. Each message has a child context of its own, which
 * closes before the next message is handled. When the server stops, the connection closes with 1001.
 * @param handlers - the handlers, or a function that creates those of one connection
 * @throws `RangeError` if an option cannot work
 * @example
 * web.get('/echo', webSocket({ message: (data, socket) => socket.send(data) }));
 */
export function webSocket<E extends Env = WebEnv, P extends string = string>(
  handlers: SocketHandlers<HonoContext<E, P>> | CreateHandlers<E, P>,
  options: SocketOptions = {},
): Handler<E, P, BlankInput, Promise<Response>> {
  checkOptions(options);
  let hasRefused = false;
  const onRefusal = (error: SocketOriginError, logger: Logger): void => {
    // Logged once, because any page can send such requests.
    if (!hasRefused) logger.warn(`${error.summary}: ${error.origin}`);
    hasRefused = true;
  };
  let latest: SocketHandlers<HonoContext<E, P>> | undefined;
  const handler: Handler<E, P, BlankInput, Promise<Response>> = async (c) => {
    const scope = RequestScope.find(c);
    if (scope === undefined) throw new RequestContextError(`${c.req.method} ${c.req.path}`, 'foreign');
    checkUpgrade(c);
    checkOrigin(c, options.origins, (error) => onRefusal(error, scope.logger));
    // Requests within the process have no environment.
    const { incoming, outgoing } = (c.env ?? {}) as Partial<WebEnv['Bindings']>;
    if (!(outgoing instanceof UpgradeResponse) || !incoming) throw new SocketServerError(c.req.path);
    const created = typeof handlers === 'function' ? await handlers(c) : handlers;
    if (isResponse(created)) return created;
    latest = created;
    const context = scope.open();
    const { WebSocketServer } = await import('ws');
    scope.protocol = (headers) => {
      const limit = incoming instanceof LimitedMessage ? incoming.limit : Number.POSITIVE_INFINITY;
      const { maxPayload = limit } = options;
      const socket = acceptSocket(WebSocketServer, { incoming, outgoing, headers, maxPayload, options });
      return new Connection({ socket, scope, outgoing, context, options, c, handlers: created });
    };
    return c.body(null);
  };
  return Object.assign(handler, {
    [calledBy]: () => [handlers, ...Object.values(latest ?? handlers)].filter((code) => typeof code === 'function'),
  });
}

function isResponse(value: object): value is Response {
  return value instanceof Response || 'headers' in value;
}

function checkOptions({ maxPayload = 1, concurrency = 1, maxBuffered = 1, pingMs = 1 }: SocketOptions): void {
  for (const [name, value] of Object.entries({ maxPayload, concurrency, maxBuffered, pingMs })) {
    if (!(value >= 1)) throw new RangeError(`webSocket() needs a ${name} of at least 1, got ${value}`);
  }
}
