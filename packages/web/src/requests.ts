/**
 * The lives of requests. Each has a context of its own, which is closed once: with the error that its handler
 * threw, if any; before an answer that is there as a whole is sent, so that a failing teardown can still
 * become a 500; and after the last byte of an answer that is streamed. Knows nothing of sockets except that
 * an answer can be broken off.
 */
import { setMaxListeners } from 'node:events';

import type { Context, Logger } from '@asphalt/core';
import type { Context as HonoContext, MiddlewareHandler } from 'hono';

import { AnswerBody } from './answer-body.ts';
import { NoAnswerError, RequestCutOffError } from './errors.ts';
import type { WebEnv } from './web-env.ts';
import { answerWhole, WholeAnswer } from './whole-answer.ts';

/** How long a client may take to read the end of an event stream when the server stops. */
const readEndMs = 200;

export class Requests {
  readonly #root: Context;
  readonly #logger: Logger;
  readonly #open = new Set<OpenRequest>();
  readonly #stop = new AbortController();
  #whenIdle: (() => void) | undefined;

  /** @param root - the parent of the requests' contexts */
  constructor(root: Context, logger: Logger) {
    this.#root = root;
    this.#logger = logger;
    setMaxListeners(0, this.#stop.signal);
  }

  /** Aborts when {@link stop} is called. */
  get stopping(): AbortSignal {
    return this.#stop.signal;
  }

  /** Ends the answers that would go on for ever; resolves when no request is open any more. */
  stop(): Promise<void> {
    this.#stop.abort();
    for (const request of this.#open) request.endAnswer?.();
    return new Promise((resolve) => {
      if (this.#open.size === 0) resolve();
      else this.#whenIdle = resolve;
    });
  }

  /** Closes the contexts of all requests that are still open, with an error. */
  cutOff(limitMs: number): void {
    for (const request of this.#open) {
      const error = new RequestCutOffError(request.name, limitMs);
      this.#logger.warn(error.summary);
      request.close(error).catch((teardownError: unknown) => this.#report(request, teardownError));
    }
  }

  /** The outermost middleware: opens the request's context and closes it in time. */
  readonly middleware: MiddlewareHandler<WebEnv> = async (c, next) => {
    const request = this.#begin(c);
    let body: AnswerBody | undefined;
    let whole: Uint8Array | undefined;
    try {
      await request.context.enter(next);
      if (!c.finalized) throw new NoAnswerError(request.name);
      if (!(c.res instanceof WholeAnswer) && c.res.body !== null) {
        // To HEAD, hono answers without the body.
        if (c.req.raw.method === 'HEAD') c.res.body.cancel().catch(() => {});
        else whole = await (body = new AnswerBody(c.res.body)).whole();
      }
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(`thrown value ${String(thrown)}`, { cause: thrown });
      await request.close(error).catch((teardownError: unknown) => this.#report(request, teardownError));
      // Else hono puts the headers of an answer that is not sent on the one that is.
      c.res = undefined;
      throw error;
    }
    if (body !== undefined && whole === undefined) {
      replaceAnswer(c, this.#stream(c, request, body));
      return;
    }
    try {
      await request.close(c.error);
    } catch (teardownError) {
      if (c.error === undefined) {
        c.res = undefined;
        throw teardownError;
      }
      this.#report(request, teardownError);
    }
    if (whole !== undefined) replaceAnswer(c, whole);
  };

  #begin(c: HonoContext<WebEnv>): OpenRequest {
    const name = `${c.req.method} ${c.req.path}`;
    const context = this.#root.child(name);
    const request = new OpenRequest(name, context, this.#forget);
    this.#open.add(request);
    context.addResource(Request, c.req.raw);
    c.set('context', context);
    answerWhole(c);
    return request;
  }

  readonly #forget = (request: OpenRequest): void => {
    this.#open.delete(request);
    if (this.#open.size === 0) this.#whenIdle?.();
  };

  /** Hands the body on as it comes; the context closes before the end is told, so that a failure can still be seen. */
  #stream(c: HonoContext<WebEnv>, request: OpenRequest, body: AnswerBody): ReadableStream<Uint8Array> {
    const { outgoing } = c.env ?? {};
    if (c.res.headers.get('content-type')?.startsWith('text/event-stream') === true) {
      request.endAnswer = () => {
        body.cancel().catch(() => {});
        if (outgoing === undefined) return;
        const timer = setTimeout(() => outgoing.destroy(), readEndMs);
        outgoing.once('close', () => clearTimeout(timer));
      };
      if (this.stopping.aborted) request.endAnswer();
    }
    let left = false;
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            const chunk = await body.next().catch(async (error: unknown) => {
              await request.close(error);
              throw error;
            });
            // A client that leaves ends the body, and the stream is closed by then.
            if (left) return;
            if (chunk !== undefined) return controller.enqueue(chunk);
            await request.close(c.error);
            controller.close();
          } catch (error) {
            this.#report(request, error);
            // The headers have been sent: only an answer without an end tells the client that something failed.
            if (outgoing === undefined) controller.error(error);
            else outgoing.destroy();
          }
        },
        cancel: async (reason) => {
          left = true;
          body.cancel(reason).catch(() => {});
          await request.close(c.error).catch((error: unknown) => this.#report(request, error));
        },
      },
      { highWaterMark: 0 },
    );
  }

  #report(request: OpenRequest, error: unknown): void {
    this.#logger.error(`${request.name} failed`, { error });
  }
}

/** A request from its arrival until its context is closed. */
class OpenRequest {
  /** Present while an answer is sent that has no end of its own. */
  endAnswer?: () => void;
  #closing: Promise<void> | undefined;

  constructor(
    readonly name: string,
    readonly context: Context,
    readonly onClosed: (request: OpenRequest) => void,
  ) {}

  /** Only the first call counts, and only its caller hears that teardown failed: a request ends in one way. */
  async close(error?: unknown): Promise<void> {
    if (this.#closing) return this.#closing.catch(() => {});
    this.#closing = this.context.close(error);
    try {
      await this.#closing;
    } finally {
      this.onClosed(this);
    }
  }
}

/** Gives the answer another body; without the reset hono would build it a second time, to merge it with the first. */
function replaceAnswer(c: HonoContext<WebEnv>, body: Uint8Array | ReadableStream<Uint8Array>): void {
  const { res } = c;
  c.res = undefined;
  c.res = body instanceof ReadableStream ? new Response(body, res) : new WholeAnswer(body, res);
}
