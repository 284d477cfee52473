/**
 * A request from its arrival until its context is closed. hono passes it to every handler as `c.executionCtx`.
 *
 * The context is opened on first use, because most of the cost of a request is its context. The scope knows neither
 * sockets nor responses; `Requests` decides when to close it.
 */
import type { ServerResponse } from 'node:http';
import { Context, type Logger } from '@asphalt/core';
import type { Context as HonoContext, ExecutionContext, MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { getPath } from 'hono/utils/url';
import { RequestContextError } from '../errors.ts';
import { ExchangeResponse, type RecordedRequest } from './exchange.ts';
import type { OtherConnection, OtherProtocol } from './other-protocol.ts';
import { newRequestId } from './request-id.ts';

/** The key of the request. Other servers in this process may replace the global class later. */
const RequestKey = Request;

/** The part of the server that all requests share. */
export interface RequestOwner {
  /** The parent of the requests' contexts. */
  readonly root: Context;
  readonly logger: Logger;
  /** Called before the context of a request opens. */
  opening(scope: RequestScope): void;
  closed(scope: RequestScope): void;
  /** Logs an error that no response can report. */
  report(scope: RequestScope, error: unknown): void;
}

export class RequestScope implements ExecutionContext, RecordedRequest {
  /** Ends a response that would otherwise never end. */
  endResponse?: () => void;
  /** The protocol that a handler wants to switch to; it does if the response is a success without a body. */
  protocol?: OtherProtocol;
  /** The connection that uses the other protocol. */
  connection?: OtherConnection;
  /** Whether the client left before its response was complete; known for requests whose context was opened. */
  hasLeft = false;
  readonly #owner: RequestOwner;
  readonly #outer: ExecutionContext | undefined;
  #c: HonoContext | undefined;
  /** The contexts that applications mounted in ours created for this request. */
  #mounted: Set<HonoContext> | undefined;
  #context: Context | undefined;
  #closing: Promise<void> | undefined;
  #isClosed = false;
  #error: unknown;
  #id: string | undefined;
  #logger: Logger | undefined;

  /**
   * @param outer - the execution context that the caller of `WebApp#fetch` passed
   * @param outgoing - the connection's end of the response, unless the request was sent within the process
   */
  constructor(
    readonly request: Request,
    owner: RequestOwner,
    outer: ExecutionContext | undefined,
    readonly outgoing: ServerResponse | undefined,
  ) {
    this.#owner = owner;
    this.#outer = outer;
  }

  /** The scope of a handler's request, or `undefined` if the request was not sent to a `WebApp`. */
  static find(c: HonoContext): RequestScope | undefined {
    try {
      return c.executionCtx instanceof RequestScope ? c.executionCtx : undefined;
    } catch {
      // hono throws where no execution context was passed.
      return undefined;
    }
  }

  /** The request's name in messages. */
  get name(): string {
    return `${this.request.method} ${getPath(this.request)}`;
  }

  get hasContext(): boolean {
    return this.#context !== undefined;
  }

  /** Whether {@link open} returns a context. */
  get mayOpen(): boolean {
    return this.#context !== undefined || this.#closing === undefined;
  }

  get isRunning(): boolean {
    return !this.#isClosed;
  }

  get route(): string | undefined {
    return this.#c && (routePath(this.#c) || undefined);
  }

  /** The id of the request: that of its response, or one that is created now. */
  get id(): string {
    if (this.#id === undefined) {
      const exchange = this.#exchange;
      this.#id = exchange?.requestId ?? newRequestId();
      if (exchange !== undefined) exchange.requestId = this.#id;
      this.#context?.setId('request', this.#id);
    }
    return this.#id;
  }

  /** The id, unless it would be created now. */
  get knownId(): string | undefined {
    return this.#id ?? this.#exchange?.requestId;
  }

  get #exchange(): ExchangeResponse | undefined {
    return this.outgoing instanceof ExchangeResponse ? this.outgoing : undefined;
  }

  /** The ids in lines of the request. */
  get ids(): Readonly<Record<string, string>> {
    return { request: this.id, ...this.#context?.ids };
  }

  /** A logger whose lines contain the ids. */
  get logger(): Logger {
    return (this.#logger ??= this.#owner.logger.child(this.ids));
  }

  /** hono's context of this request, once a handler has run. */
  get c(): HonoContext | undefined {
    return this.#c;
  }

  /** The error that a handler threw, if any. */
  get error(): unknown {
    let error = this.#error ?? this.#c?.error;
    for (const c of this.#mounted ?? []) error ??= c.error;
    return error;
  }

  /** Records that hono serves this request with `c`. */
  see(c: HonoContext): void {
    this.#c ??= c;
    if (this.#c !== c) (this.#mounted ??= new Set()).add(c);
  }

  /** Records the error that ends the context. */
  fail(error: unknown): void {
    this.#error ??= error;
  }

  /** @throws {@link RequestContextError} if the request has ended without a context */
  open(): Context {
    if (this.#context === undefined) {
      if (this.#closing !== undefined) throw new RequestContextError(this.name, 'ended');
      const { root } = this.#owner;
      this.#owner.opening(this);
      this.#context = root.child(this.name);
      this.#logger = undefined;
      const id = this.knownId;
      if (id !== undefined) this.#context.setId('request', id);
      this.outgoing?.once('close', () => {
        if (!this.outgoing?.writableFinished) this.#clientLeft();
      });
      this.#context.addResource(
        Request === RequestKey ? Request : [RequestKey, Request],
        this.c?.req.raw ?? this.request,
      );
    }
    return this.#context;
  }

  /** Cancels the context, because no client waits for the result of its work. */
  #clientLeft(): void {
    this.hasLeft = true;
    this.#context?.cancel(
      new DOMException(`The client of ${this.name} left before the response was complete`, 'AbortError'),
    );
  }

  /** Closes the context if it has nothing to tear down; returns whether it did. */
  closeAtOnce(): boolean {
    if (this.#context !== undefined && !this.#context.closeAtOnce()) return false;
    this.#closing ??= closed;
    this.#forget();
    return true;
  }

  /** Only the first call has an effect, and only its caller receives errors of the teardown. */
  close(error?: unknown): Promise<void> {
    if (this.#closing) return this.#closing.catch(() => {});
    this.#closing = this.#context?.close(error) ?? closed;
    const forget = (): void => this.#forget();
    this.#closing.then(forget, forget);
    return this.#closing;
  }

  #forget(): void {
    this.#isClosed = true;
    this.#owner.closed(this);
  }

  /** Keeps the context open until the promise settles. */
  waitUntil(promise: Promise<unknown>): void {
    if (this.#outer) return this.#outer.waitUntil(promise);
    const settled = promise.catch((error: unknown) => this.#owner.report(this, error));
    this.open().startServiceTask(() => settled, { name: 'waitUntil()', teardown: 'wait' });
  }

  passThroughOnException(): void {
    this.#outer?.passThroughOnException();
  }

  get props(): unknown {
    return this.#outer?.props;
  }
}

/** The `closing` of a request without a context. */
const closed = Promise.resolve();

/**
 * Returns the context of a request; the first call opens it.
 *
 * It closes when the response is complete, or after the last byte of a streamed one.
 *
 * @throws {@link RequestContextError} if the response was returned before, or the request was not sent to a `WebApp`
 */
export function requestContext(c: HonoContext): Context {
  const scope = RequestScope.find(c);
  if (scope === undefined) throw new RequestContextError(`${c.req.method} ${c.req.path}`, 'foreign');
  scope.see(c);
  return scope.open();
}

/** A middleware that opens the context of every request that it covers and sets it as `c.var.context`. */
export function withContext(): MiddlewareHandler<{ Variables: { context: Context } }> {
  return async (c, next) => {
    c.set('context', requestContext(c));
    await next();
  };
}
