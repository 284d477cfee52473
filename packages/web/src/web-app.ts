import type { Key, Logger } from '@asphalt/core';
import { Hono, type Context as HonoContext } from 'hono';
import type { HTTPException } from 'hono/http-exception';
import { matchedRoutes } from 'hono/route';
import { METHOD_NAME_ALL_LOWERCASE, METHODS } from 'hono/router';
import type { BlankSchema, MergePath } from 'hono/types';
import { withoutBody } from './request/head-response.ts';
import { RequestScope } from './request/request-scope.ts';
import type { Requests } from './request/requests.ts';
import { asBadRequest, mayBeBadRequest } from './request/bad-request.ts';
import { problem, type ErrorFormat } from './request/problem.ts';
import { checkResult } from './request/check-handler.ts';
import { HealthPathError, RouteNeedsError } from './errors.ts';
import { listFunctions } from './routes/handler-functions.ts';
import { Routes, type Owner } from './routes/routes.ts';
import { textOf } from './status-text.ts';
import type { WebEnv } from './web-env.ts';

/**
 * The hono application that the {@link WebComponent} serves. Inject it and add routes before the application is ready.
 *
 * @remarks
 * A handler that returns has succeeded, whatever the status of its response; one that throws has failed, and the
 * error reaches the teardown of the request's context. Errors without an `onError` of yours are logged and the response
 * is a 500; hono's `HTTPException` contains its own response.
 */
export class WebApp extends Hono<WebEnv> {
  /** Where the server can be reached, such as `http://127.0.0.1:8000` or `unix:/run/shop.sock`; `undefined` while it does not listen. */
  url: string | undefined;
  /** Aborts when the server starts to stop: time for long polls and endless responses to end. */
  readonly stopping: AbortSignal;

  readonly #routes: Routes;
  /** The calls that replaced the only handler of their kind. */
  readonly #replaced: string[] = [];

  /** @internal */
  constructor(requests: Requests, logger: Logger, errors: ErrorFormat = 'text') {
    const routes = new Routes();
    super({ router: routes });
    this.#routes = routes;
    this.stopping = requests.stopping;
    const { fetch, notFound, onError } = this;
    markCalls(this, routes);
    this.fetch = (request, env, executionContext) =>
      requests.respond(request, env as WebEnv['Bindings'], executionContext, (scope) => fetch(request, env, scope));
    this.notFound = (handler) => {
      this.#replaced.push('notFound()');
      return notFound((c) => {
        RequestScope.find(c)?.see(c);
        const result = handler(c);
        return result instanceof Promise ? result.then((it) => checkedResponse(it, c)) : checkedResponse(result, c);
      });
    };
    this.onError = (handler) => {
      this.#replaced.push('onError()');
      requests.errorHandler = (error, c) => {
        // hono sets this only for requests with several handlers.
        c.error = error;
        const scope = RequestScope.find(c);
        scope?.see(c);
        scope?.fail(error);
        const response = mayBeBadRequest(error, c)
          ? asBadRequest(error, c).then((it) => handler(it, c))
          : handler(error, c);
        return c.req.method === 'HEAD' ? Promise.resolve(response).then(withoutBody) : response;
      };
      return onError(requests.errorHandler);
    };
    this.notFound((c) => (errors === 'problem' ? problem(c, { status: 404 }) : c.text('404 Not Found', 404)));
    this.onError((error, c) => errorResponse(error, c, { logger, errors }));
    this.#replaced.length = 0;
  }

  /** Returns routes below a path. Calls of `use` on one of them keep their order. */
  override basePath<P extends string>(path: P): Hono<WebEnv, BlankSchema, MergePath<'/', P>> {
    return this.#below(path, { stage: 0 });
  }

  /**
   * Returns routes that run before those of higher stages and after those of lower ones; by default, the stage is 0. All
   * middleware runs before all routes.
   */
  stage(stage: number): Hono<WebEnv> {
    if (!Number.isFinite(stage)) throw new RangeError(`A stage must be a finite number, got ${stage}`);
    return this.#below('/', { stage });
  }

  #below<P extends string>(path: P, owner: Owner): Hono<WebEnv, BlankSchema, MergePath<'/', P>> {
    return withOwner(super.basePath(path), this.#routes, owner);
  }

  /** Passes requests below a path to another application. */
  override mount(...args: Parameters<Hono['mount']>): this {
    this.#routes.addAs('route', () => super.mount(...args));
    return this;
  }

  /**
   * Allows no more routes; called before the server listens.
   *
   * @throws {@link RouteOrderError} if the order of two handlers depended on which component starts first
   * @internal
   */
  seal(): void {
    this.#routes.seal(this.#replaced);
  }

  /**
   * Checks the keys that routes require with `needs()`; called before the server listens.
   *
   * @param isProvided - whether the application provides a key
   * @throws {@link RouteNeedsError} with all keys that it does not provide
   * @internal
   */
  checkNeeds(isProvided: (key: Key) => boolean): void {
    const missing = this.#routes.needs().filter(({ key }) => !isProvided(key));
    if (missing.length > 0) throw new RouteNeedsError(missing);
  }

  /**
   * Checks that no route has a path that the server responds to; called before it listens.
   *
   * @throws {@link HealthPathError} for the first such route
   * @internal
   */
  checkPaths(taken: readonly string[]): void {
    for (const path of taken) {
      const route = this.#routes.at(path);
      if (route !== undefined) throw new HealthPathError(route);
    }
  }

  /** Lists the functions of the routes when a tool asks, until the returned function is called. @internal */
  listFunctions(): () => void {
    return listFunctions(() => this.#routes.functions());
  }
}

/** Lets routes below a path, and those below them, add in the name of one owner. */
function withOwner<H extends Hono<WebEnv, BlankSchema, string>>(hono: H, routes: Routes, owner: Owner): H {
  const basePath = hono.basePath.bind(hono);
  hono.router = routes.for(owner);
  hono.basePath = ((path: string) => withOwner(basePath(path), routes, owner)) as typeof hono.basePath;
  markCalls(hono, routes, owner);
  return hono;
}

/** Marks the handlers of one call, and those that `use` adds; hono passes them to the router like those of `all`. */
function markCalls(hono: Hono<WebEnv, BlankSchema, string>, routes: Routes, owner?: Owner): void {
  // Their types have an overload for each number of handlers.
  const methods = hono as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of [...METHODS, METHOD_NAME_ALL_LOWERCASE, 'on', 'use']) {
    const add = methods[name]!;
    const kind = name === 'use' ? 'middleware' : undefined;
    methods[name] = (...args) => routes.addAs(kind, () => add(...args), owner);
  }
}

function checkedResponse(result: Response, c: HonoContext): Response {
  return checkResult(result, c, matchedRoutes(c).length === 0) as Response;
}

function errorResponse(
  error: Error | HTTPException,
  c: HonoContext<WebEnv>,
  { logger, errors }: { readonly logger: Logger; readonly errors: ErrorFormat },
): Response {
  const response = 'getResponse' in error ? error.getResponse() : undefined;
  const status = response?.status ?? 500;
  if (status >= 500) {
    // A handler often fails only because the client left or was cut off.
    const hasLeft = RequestScope.find(c)?.hasLeft ?? false;
    const level = hasLeft || c.req.raw.signal.aborted ? 'debug' : 'error';
    logger[level](`${c.req.method} ${c.req.path} failed`, { error });
  }
  if (errors === 'problem' && !('res' in error && error.res)) return problem(c, { status, detail: detailOf(error) });
  // `c.newResponse` keeps headers that were set before, such as those of CORS.
  return response ? c.newResponse(response.body, response) : c.text(textOf(500), 500);
}

/** The text of an `HTTPException` is for the client, and that of other errors is not. */
function detailOf(error: Error | HTTPException): string | undefined {
  if (!('getResponse' in error) || error.message === '' || error.message === textOf(error.status)) return undefined;
  return error.message;
}
