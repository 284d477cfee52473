/** The check around every handler: hono accepts any value that a handler throws, and treats a missing response as a 404. */
import { inspect } from 'node:util';
import type { Context as HonoContext } from 'hono';
import type { H, Next } from 'hono/types';
import { findTargetHandler } from 'hono/utils/handler';
import { applyBodyLimit } from './body-limit.ts';
import { NoResponseError } from '../errors.ts';
import { withoutBody } from './head-response.ts';
import { RequestScope } from './request-scope.ts';

/** Returns a handler that throws an `Error` where the given one throws another value or returns no response. */
export function withCheck(handler: H): H {
  // A handler of an application with an `onError` of its own. hono replaces its missing response by an empty one.
  const isComposed = findTargetHandler(handler) !== handler;
  return (c: HonoContext, next: Next): never => {
    RequestScope.find(c)?.see(c);
    const isOutermost = c.req.routeIndex === 0;
    try {
      if (isOutermost) applyBodyLimit(c);
      const result: unknown = (handler as (c: HonoContext, next: Next) => unknown)(c, next);
      if (!isThenable(result)) return checkResult(result, c, isOutermost) as never;
      return Promise.resolve(result).then(
        (value: unknown) => checkResult(isComposed && !c.finalized ? undefined : value, c, isOutermost),
        (thrown: unknown) => {
          throw asError(thrown, c);
        },
      ) as never;
    } catch (thrown) {
      throw asError(thrown, c);
    }
  };
}

/** @throws {@link NoResponseError} if neither the handler nor its `next` returned a response */
export function checkResult(result: unknown, c: HonoContext, isOutermost: boolean): unknown {
  if (!c.finalized && !isResponse(result)) {
    throw new NoResponseError(`${c.req.method} ${c.req.path}`, result === c ? undefined : result);
  }
  return isOutermost && c.req.method === 'HEAD' ? checkHead(result, c) : result;
}

/** Replaces a response to HEAD by one without a body. hono would drop the body without cancelling it. */
async function checkHead(result: unknown, c: HonoContext): Promise<unknown> {
  const response = c.finalized ? c.res : (result as Response);
  const head = await withoutBody(response);
  if (head === response) return result;
  if (c.finalized) {
    // Otherwise hono copies the headers of the replaced response.
    c.res = undefined;
    c.res = head;
  }
  return isResponse(result) ? head : result;
}

/** Other implementations of fetch have a `Response` of their own. */
function isResponse(value: unknown): value is Response {
  if (value instanceof Response) return true;
  if (typeof value !== 'object' || value === null) return false;
  const { status, headers, body } = value as Partial<Response>;
  return typeof status === 'number' && typeof headers === 'object' && body !== undefined;
}

function asError(thrown: unknown, c: HonoContext): Error {
  if (thrown instanceof Error) return thrown;
  // Otherwise hono copies the headers of the replaced response.
  if (c.finalized) c.res = undefined;
  return new Error(`Threw a non-Error value: ${inspect(thrown)}`, { cause: thrown });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
