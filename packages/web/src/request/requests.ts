/**
 * The lives of requests. The context of a request is closed once: with the error that its handler threw, if any;
 * before a complete response is sent, so that a failing teardown can still become a 500; and after the last byte of
 * a streamed response. Knows nothing of sockets except that a response can be broken off.
 *
 * It is not a middleware: hono responds to a request without middleware synchronously, and so does this if no
 * context was opened.
 */
import { setMaxListeners } from 'node:events';
import { Context, type Logger } from '@asphalt/core';
import type { HttpBindings } from '@hono/node-server';
import type { ErrorHandler, ExecutionContext } from 'hono';
import { ClientStalledError, RequestCutOffError } from '../errors.ts';
import { recordOf } from './exchange.ts';
import { LightResponses } from './light-response.ts';
import { switchedResponse, unavailable, type OtherProtocol } from './other-protocol.ts';
import { RequestScope, type RequestOwner } from './request-scope.ts';
import { requestPoint, tracedResponse } from './request-trace.ts';
import { ResponseBody } from './response-body.ts';
import { withoutHeadersOf } from './withdrawn-headers.ts';
import { UpgradeResponse } from './upgrade-response.ts';
import type { WebEnv } from '../web-env.ts';

/** Time limit for a client to read the end of an event stream when the server stops. */
const readEndMs = 200;

/** A client has to accept this many bytes within the stall limit. */
const maxChunk = 65_536;

/** The longest time that a timer of Node can count. */
const maxTimerMs = 2 ** 31 - 1;

export class Requests implements RequestOwner {
  readonly root: Context;
  /** Responds to an error; set by the application. */
  errorHandler: ErrorHandler<WebEnv> | undefined;
  readonly logger: Logger;
  readonly #stallMs: number;
  readonly #light = new LightResponses();
  /** The requests that a stop waits for: with an open context, a pending response or an event stream. */
  readonly #open = new Set<RequestScope>();
  readonly #stop = new AbortController();
  #whenIdle: (() => void) | undefined;

  /**
   * @param root - the parent of the requests' contexts
   * @param stallMs - the time for a client to accept data while the context of its request is open
   */
  constructor(root: Context, logger: Logger, stallMs: number) {
    this.root = root;
    this.#stallMs = Math.min(stallMs, maxTimerMs);
    this.logger = logger;
    setMaxListeners(0, this.#stop.signal);
  }

  /** Aborts when {@link stop} is called. */
  get stopping(): AbortSignal {
    return this.#stop.signal;
  }

  /** Ends endless responses; resolves when no request is open. */
  async stop(): Promise<void> {
    this.#stop.abort();
    for (const scope of this.#open) scope.endResponse?.();
    // A handler that stops the application has not returned its response yet.
    await Promise.resolve();
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
    });
  }

  /** Closes the contexts of all open requests with an error. */
  cutOff(limitMs: number): void {
    for (const scope of this.#open) {
      const error = new RequestCutOffError(scope.name, limitMs);
      this.logger.warn(error.summary);
      scope.fail(error);
      if (scope.connection) scope.connection.cutOff(error);
      else void this.#close(scope, error);
    }
  }

  /**
   * Passes a request to hono and closes its context in time.
   *
   * @param byHono - calls hono's `fetch` with the scope as execution context
   */
  respond(
    request: Request,
    env: Partial<HttpBindings> | undefined,
    outer: ExecutionContext | undefined,
    byHono: (scope: RequestScope) => Response | Promise<Response>,
  ): Response | Promise<Response> {
    const scope = new RequestScope(request, this, outer, env?.outgoing);
    recordOf(env?.outgoing)?.begin(scope);
    if (requestPoint.observed) return tracedResponse(scope, () => this.#respond(scope, byHono));
    return this.#respond(scope, byHono);
  }

  #respond(
    scope: RequestScope,
    byHono: (scope: RequestScope) => Response | Promise<Response>,
  ): Response | Promise<Response> {
    let response: Response | Promise<Response>;
    try {
      response = Context.mayBeAsked ? scope.open().enter(() => byHono(scope)) : byHono(scope);
    } catch (thrown) {
      response = Promise.reject(thrown);
    }
    if (!(response instanceof Promise) && scope.protocol === undefined) {
      const isComplete = this.#light.isComplete(response) || (!scope.hasContext && !mayStream(response));
      if (isComplete && scope.closeAtOnce()) return response;
    }
    return this.#finish(scope, response);
  }

  opening(scope: RequestScope): void {
    this.#open.add(scope);
  }

  closed(scope: RequestScope): void {
    this.#open.delete(scope);
    recordOf(scope.outgoing)?.ended();
    if (this.#open.size === 0) this.#whenIdle?.();
  }

  report(scope: RequestScope, error: unknown): void {
    this.logger.error(`${scope.name} failed`, { error });
  }

  async #finish(scope: RequestScope, byHono: Response | Promise<Response>): Promise<Response> {
    this.#open.add(scope);
    let response: Response;
    try {
      response = await byHono;
    } catch (error) {
      // hono passes errors to `onError`, so this one was thrown there.
      await this.#close(scope, error);
      throw error;
    }
    try {
      if (scope.protocol && response.ok && response.body === null) return this.#switch(scope, response, scope.protocol);
      if (this.#light.isComplete(response) || (!scope.hasContext && !mayStream(response))) {
        const problem = scope.hasContext ? this.#light.problemOf(response) : undefined;
        // Its headers cannot be read.
        if (problem) return await this.#fail(scope, new Response(), problem);
        await this.#end(scope);
        return response;
      }
      if (response.body === null) {
        // Fails for `Response.error()`, so the context must still be open.
        const sent = new Response(null, initOf(response, scope));
        await this.#end(scope);
        return sent;
      }
      const body = new ResponseBody(response.body);
      const whole = await body.whole();
      if (whole === undefined) return new Response(this.#stream(scope, response, body), initOf(response, scope));
      await this.#end(scope);
      return new Response(whole, initOf(response, scope));
    } catch (error) {
      return this.#fail(scope, response, error);
    }
  }

  /** Continues with another protocol. The context closes with the connection. */
  #switch(scope: RequestScope, { headers }: Response, switchTo: OtherProtocol): Response {
    if (this.stopping.aborted) throw unavailable();
    const connection = switchTo(headers);
    scope.connection = connection;
    scope.endResponse = () => connection.end();
    void connection.closed.then(async () => {
      await this.#close(scope, scope.error);
      if (scope.outgoing instanceof UpgradeResponse) scope.outgoing.reportEnd(false);
    });
    return switchedResponse();
  }

  /** Closes the context of a request whose response is complete. */
  async #end(scope: RequestScope): Promise<void> {
    if (scope.closeAtOnce()) return;
    try {
      await scope.close(scope.error);
    } catch (error) {
      if (scope.error === undefined) throw error;
      // The response reports the handler's error.
      this.report(scope, error);
    }
  }

  /** Replaces a response that cannot be sent. */
  async #fail(scope: RequestScope, response: Response, error: unknown): Promise<Response> {
    response.body?.cancel().catch(() => {});
    await this.#close(scope, error);
    const { c } = scope;
    if (c === undefined || this.errorHandler === undefined) throw error;
    // Otherwise hono copies the headers of the replaced response.
    c.res = undefined;
    return withoutHeadersOf(response, await this.errorHandler(error as Error, c));
  }

  /** Passes the body on; the context closes before the client receives the end, so a failure can break it off. */
  #stream(scope: RequestScope, { headers }: Response, body: ResponseBody): ReadableStream<Uint8Array> {
    if (isEventStream(headers)) {
      this.#open.add(scope);
      scope.endResponse = () => this.#endStream(scope, body);
      if (this.stopping.aborted) scope.endResponse();
    } else if (!scope.hasContext) {
      // The server waits for the connection; a stream that is never read must not hold up the stop.
      this.closed(scope);
    }
    let hasLeft = false;
    let stall: NodeJS.Timeout | undefined;
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          clearTimeout(stall);
          try {
            const chunk = await body.next(maxChunk).catch(async (error: unknown) => {
              await scope.close(error);
              throw error;
            });
            // A client that left has cancelled the body and closed this stream.
            if (hasLeft) return;
            if (chunk === undefined) {
              await scope.close(scope.error);
              controller.close();
              return;
            }
            controller.enqueue(chunk);
            // The server asks for more as soon as the connection has accepted this.
            stall = setTimeout(() => this.#stalled(scope, body), this.#stallMs);
          } catch (error) {
            this.report(scope, error);
            // The headers were sent: only a response without an end shows the client the failure.
            if (scope.outgoing === undefined) controller.error(error);
            else scope.outgoing.destroy();
          }
        },
        cancel: async (reason) => {
          hasLeft = true;
          clearTimeout(stall);
          body.cancel(reason).catch(() => {});
          await this.#close(scope, scope.error);
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Ends an event stream when the server stops. */
  #endStream(scope: RequestScope, body: ResponseBody): void {
    const { outgoing } = scope;
    body.cancel().catch(() => {});
    void this.#close(scope, scope.error);
    if (outgoing === undefined) return;
    const timer = setTimeout(() => outgoing.destroy(), readEndMs);
    outgoing.once('close', () => clearTimeout(timer));
  }

  /** Cuts off a client that holds resources of its request and accepts no data. */
  #stalled(scope: RequestScope, body: ResponseBody): void {
    if (!scope.hasContext) return;
    const error = new ClientStalledError(scope.name, this.#stallMs);
    this.logger.warn(error.summary);
    void this.#close(scope, error);
    body.cancel(error).catch(() => {});
    scope.outgoing?.destroy();
  }

  /** Closes a context whose failure no response can report. */
  async #close(scope: RequestScope, error: unknown): Promise<void> {
    await scope.close(error).catch((teardownError: unknown) => this.report(scope, teardownError));
  }
}

/** Whether a returned response may still be produced by code. Streams of hono have no content type, or one of these. */
function mayStream({ headers }: Response): boolean {
  return !headers.has('content-type') || isEventStream(headers) || headers.has('transfer-encoding');
}

function isEventStream(headers: Headers): boolean {
  return headers.get('content-type')?.startsWith('text/event-stream') ?? false;
}

/** The rest of a response whose body is replaced. The server, not the handler, frames it and keeps connections. */
function initOf({ status, statusText, headers }: Response, { outgoing }: RequestScope): ResponseInit {
  const isFramed = outgoing !== undefined && headers.has('transfer-encoding');
  if (headers instanceof Headers && !isFramed) return { status, statusText, headers };
  // Another implementation of fetch has a class of headers of its own, which only an iterator can read.
  const own = new Headers([...headers]);
  if (!isFramed) return { status, statusText, headers: own };
  for (const name of ['transfer-encoding', 'keep-alive']) own.delete(name);
  if (own.get('connection')?.toLowerCase() === 'keep-alive') own.delete('connection');
  return { status, statusText, headers: own };
}
