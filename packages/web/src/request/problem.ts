/** The bodies of responses to failed requests: a line of text, or the details of a problem as RFC 9457 defines them. */
import type { Context as HonoContext } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { textOf } from '../status-text.ts';
import { RequestScope } from './request-scope.ts';

/** The format of responses to errors that the application does not respond to. */
export type ErrorFormat = 'text' | 'problem';

/** The details of a problem. Further members are part of the body. */
export interface Problem {
  readonly status: number;
  /** A sentence about this occurrence for the client. */
  readonly detail?: string | undefined;
  /** A URI that identifies the kind of problem; by default the status alone does. */
  readonly type?: string | undefined;
  /** The name of the kind; by default that of the status. */
  readonly title?: string | undefined;
  readonly [member: string]: unknown;
}

/** The request that has a problem. */
export interface ProblemSource {
  readonly path?: string | undefined;
  readonly requestId?: string | undefined;
}

/**
 * Creates a response with the details of a problem, as `application/problem+json`. Its body also has the path and the id of
 * the request.
 *
 * @example
 * return problem(c, { status: 409, detail: 'The name is taken' });
 */
export function problem(c: HonoContext, details: Problem): Response {
  const { body, type } = problemBody(details, { path: c.req.path, requestId: RequestScope.find(c)?.knownId });
  // `c.newResponse` keeps headers that were set before, such as those of CORS.
  return c.newResponse(body, details.status as ContentfulStatusCode, { 'content-type': type });
}

/** The body of a response that no handler created. */
export function errorBody(format: ErrorFormat, status: number, source: ProblemSource): { body: string; type: string } {
  if (format === 'problem') return problemBody({ status }, source);
  return { body: textOf(status), type: 'text/plain; charset=UTF-8' };
}

/** A response with the details of a problem, without the headers that a middleware has set. */
export function problemResponse(details: Problem, source: ProblemSource): Response {
  const { body, type } = problemBody(details, source);
  return new Response(body, { status: details.status, headers: { 'content-type': type } });
}

export function errorResponse(format: ErrorFormat, status: number, source: ProblemSource = {}): Response {
  const { body, type } = errorBody(format, status, source);
  return new Response(body, { status, headers: { 'content-type': type } });
}

function problemBody(details: Problem, { path, requestId }: ProblemSource): { body: string; type: string } {
  const { status, type = 'about:blank', title = textOf(status), detail, ...members } = details;
  const body = JSON.stringify({ type, title, status, detail, instance: path, requestId, ...members });
  return { body, type: 'application/problem+json' };
}
