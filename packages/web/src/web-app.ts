import type { Logger } from '@asphalt/core';
import { Hono, type Context as HonoContext } from 'hono';
import type { HTTPException } from 'hono/http-exception';
import { RegExpRouter } from 'hono/router/reg-exp-router';
import { SmartRouter } from 'hono/router/smart-router';
import { TrieRouter } from 'hono/router/trie-router';
import type { H, RouterRoute } from 'hono/types';

import type { Requests } from './requests.ts';
import type { WebEnv } from './web-env.ts';

/**
 * The hono application that the {@link WebComponent} serves. Inject it and add routes before the application is ready.
 *
 * @remarks
 * A handler that returns has succeeded, whatever the status of its answer; one that throws has failed, and the
 * error reaches the teardown of the request's context. Errors that no `onError` of yours takes are logged and
 * answered with 500; hono's `HTTPException` carries its own answer.
 */
export class WebApp extends Hono<WebEnv> {
  /** Where the server can be reached, such as `http://127.0.0.1:8000`; `undefined` while it does not listen. */
  url: string | undefined;
  /** Aborts when the server begins to stop: time for long polls and endless answers to end. */
  readonly stopping: AbortSignal;

  /** @internal */
  constructor(requests: Requests, logger: Logger) {
    super({ router: new RequestRouter(requests) });
    this.stopping = requests.stopping;
    const { fetch, notFound, onError } = this;
    this.fetch = (request, env, executionContext) => requests.answer(() => fetch(request, env, executionContext));
    this.notFound = (handler) => notFound(requests.beginWith(handler));
    this.onError = (handler) => onError(requests.failWith(handler));
    this.notFound((c) => c.text('404 Not Found', 404));
    this.onError((error, c) => answerError(error, c, logger));
  }
}

/** The router that hono takes by itself, which all handlers go through: any of them may be the first of a request. */
class RequestRouter extends SmartRouter<[H, RouterRoute]> {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    super({ routers: [new RegExpRouter(), new TrieRouter()] });
    this.#requests = requests;
  }

  override add(method: string, path: string, [handler, route]: [H, RouterRoute]): void {
    super.add(method, path, [this.#requests.beginWith(handler), route]);
  }
}

function answerError(error: Error | HTTPException, c: HonoContext<WebEnv>, logger: Logger): Response {
  const response = 'getResponse' in error ? error.getResponse() : c.text('Internal Server Error', 500);
  if (response.status >= 500) {
    // When the client left, or was cut off, the handler often fails for that alone.
    const level = c.req.raw.signal.aborted ? 'debug' : 'error';
    logger[level](`${c.req.method} ${c.req.path} failed`, { error });
  }
  // Through `c`, so that headers set before, by CORS middleware for one, are kept.
  return 'getResponse' in error ? c.newResponse(response.body, response) : response;
}
