import type { Logger } from '@asphalt/core';
import type { Context as HonoContext } from 'hono';
import { RequestContextError } from '../errors.ts';
import { RequestScope } from './request-scope.ts';

/**
 * Returns the id of a request: the one that a trusted proxy sent, or a new one. The response carries it in the header of
 * the option `requestId`.
 *
 * @throws {@link RequestContextError} if the request was not sent to a `WebApp`
 */
export function requestId(c: HonoContext): string {
  return scopeOf(c).id;
}

/**
 * Returns a logger whose lines contain the id of a request, and the name of its context if that is open.
 *
 * @param logger - writes the lines; by default the logger of the web component
 * @throws {@link RequestContextError} if the request was not sent to a `WebApp`
 */
export function requestLogger(c: HonoContext, logger?: Logger): Logger {
  const scope = scopeOf(c);
  return logger === undefined ? scope.logger : logger.child(scope.ids);
}

function scopeOf(c: HonoContext): RequestScope {
  const scope = RequestScope.find(c);
  if (scope === undefined) throw new RequestContextError(`${c.req.method} ${c.req.path}`, 'foreign', 'find the id');
  return scope;
}
