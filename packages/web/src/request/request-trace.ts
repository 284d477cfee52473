import type { Context } from '@asphalt/core';
import { tracePoint, type TraceMessage } from '@asphalt/core/tracing';
import { routePath } from 'hono/route';
import type { RequestScope } from './request-scope.ts';

/**
 * `asphalt.request`: a request until its response is returned to the server. The body of a streamed response follows.
 */
export interface RequestTrace extends TraceMessage {
  /** Opens the context of the request; `undefined` after a response without one. */
  readonly context: Context | undefined;
  readonly method: string;
  /** The path of the last handler that ran, such as `/pages/:id`; `undefined` before the first. */
  readonly route: string | undefined;
  /** The status of the response, once it exists. */
  readonly status: number | undefined;
}

export const requestPoint = tracePoint<RequestTrace>('asphalt.request');

/** Passes a request on as one call of the trace point. */
export function tracedResponse(
  scope: RequestScope,
  respond: () => Response | Promise<Response>,
): Response | Promise<Response> {
  const trace = new ObservedRequest(scope);
  const noted = (response: Response): Response => {
    trace.status = response.status;
    return response;
  };
  return requestPoint.run<Response | Promise<Response>>(trace, () => {
    const response = respond();
    return response instanceof Promise ? response.then(noted) : noted(response);
  });
}

class ObservedRequest implements RequestTrace {
  status: number | undefined;
  error?: unknown;
  readonly #scope: RequestScope;

  constructor(scope: RequestScope) {
    this.#scope = scope;
  }

  get context(): Context | undefined {
    return this.#scope.mayOpen ? this.#scope.open() : undefined;
  }

  get method(): string {
    return this.#scope.request.method;
  }

  get route(): string | undefined {
    const { c } = this.#scope;
    return c && (routePath(c) || undefined);
  }
}
