/**
 * The lives of requests. Each has a context of its own, which is closed once: with the error that its handler
 * threw, if any; before an answer that is there as a whole is sent, so that a failing teardown can still
 * become a 500; and after the last byte of an answer that is streamed. Knows nothing of sockets except that
 * an answer can be broken off.
 *
 * It is no middleware, because hono answers without a promise where there is none; so does this if nothing has to be
 * torn down. What begins a request is the first handler that hono calls for it.
 */
import { setMaxListeners } from 'node:events';

import type { Context, Logger } from '@asphalt/core';
import type { Context as HonoContext, ErrorHandler, Next } from 'hono';

import { AnswerBody } from './answer-body.ts';
import { RequestCutOffError } from './errors.ts';
import { OpenRequest } from './open-request.ts';
import type { WebEnv } from './web-env.ts';
import { answerWhole, isWhole, WholeAnswer } from './whole-answer.ts';

/** How long a client may take to read the end of an event stream when the server stops. */
const readEndMs = 200;

/** A handler or a middleware of hono. */
type Handler = (c: HonoContext<WebEnv>, next: Next) => unknown;

export class Requests {
  readonly #root: Context;
  readonly #logger: Logger;
  /** Those that are waited for: an answer that is given and sent at once is over before anybody could ask. */
  readonly #open = new Set<OpenRequest>();
  readonly #stop = new AbortController();
  /** The request for which hono is about to call the first handler. */
  #arriving: Arrival | undefined;
  #answerError: ErrorHandler<WebEnv> | undefined;
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
  async stop(): Promise<void> {
    this.#stop.abort();
    for (const request of this.#open) request.endAnswer?.();
    // A handler that stops the application itself has not told yet whether its answer is to be waited for.
    await Promise.resolve();
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
    });
  }

  /** Closes the contexts of all requests that are still open, with an error. */
  cutOff(limitMs: number): void {
    for (const request of this.#open) {
      const error = new RequestCutOffError(request.name, limitMs);
      this.#logger.warn(error.summary);
      void this.#close(request, error);
    }
  }

  /** Has hono answer a request, and closes its context in time. */
  answer(byHono: () => Response | Promise<Response>): Response | Promise<Response> {
    const arrival: Arrival = { request: undefined };
    this.#arriving = arrival;
    let answer: Response | Promise<Response>;
    try {
      answer = byHono();
    } catch (thrown) {
      answer = Promise.reject(thrown);
    } finally {
      this.#arriving = undefined;
    }
    const { request } = arrival;
    // Without a handler, hono has failed on its own.
    if (request === undefined) return answer;
    if (!(answer instanceof Promise) && isWhole(answer) && request.closeAtOnce()) return answer;
    return this.#finish(request, answer);
  }

  /** Has requests begin with the first handler that is called for them. */
  beginWith<H extends Handler>(handler: H): H {
    const first: Handler = (c, next) => {
      const arrival = this.#arriving;
      if (arrival === undefined) return handler(c, next);
      // From here on, handlers are called for the same request, or for others that arrive at their own time.
      this.#arriving = undefined;
      const request = new OpenRequest(c, this.#root, this.#forget);
      arrival.request = request;
      answerWhole(c);
      const answer = request.enter(() => handler(c, next));
      return answer instanceof Promise ? answer.then((it) => request.see(it)) : request.see(answer);
    };
    return first as H;
  }

  /** Has errors end the contexts of requests, and be answered by a handler. */
  failWith(handler: ErrorHandler<WebEnv>): ErrorHandler<WebEnv> {
    this.#answerError = (error, c) => {
      // hono leaves this out where a request has one handler.
      c.error = error;
      const answer = (): Response | Promise<Response> => handler(error, c);
      const request = OpenRequest.of(c);
      return request ? request.enter(answer) : answer();
    };
    return this.#answerError;
  }

  readonly #forget = (request: OpenRequest): void => {
    this.#open.delete(request);
    if (this.#open.size === 0) this.#whenIdle?.();
  };

  async #finish(request: OpenRequest, byHono: Response | Promise<Response>): Promise<Response> {
    const { c } = request;
    this.#open.add(request);
    let answer: Response;
    try {
      answer = byHono instanceof Promise ? await byHono : byHono;
    } catch (thrown) {
      if (!(thrown instanceof Error)) return this.#fail(request, thrown);
      // Errors have been through `onError`, so it is there that this one comes from.
      await this.#close(request, thrown);
      throw thrown;
    }
    let whole: Uint8Array | undefined;
    try {
      if (!isWhole(answer) && answer.body !== null) {
        const body = new AnswerBody(answer.body);
        whole = await body.whole();
        if (whole === undefined) return new Response(this.#stream(request, answer, body), answer);
      }
      if (!request.closeAtOnce()) await request.close(c.error);
    } catch (error) {
      if (c.error === undefined) return this.#fail(request, error);
      this.#report(request, error);
    }
    return whole === undefined ? answer : new WholeAnswer(whole as Uint8Array<ArrayBuffer>, answer);
  }

  /** Ends a request with something that hono does not know of. */
  async #fail(request: OpenRequest, thrown: unknown): Promise<Response> {
    const { c } = request;
    const error = thrown instanceof Error ? thrown : new Error(`thrown value ${String(thrown)}`, { cause: thrown });
    await this.#close(request, error);
    // Else hono puts the headers of an answer that is not sent on the one that is.
    c.res = undefined;
    return this.#answerError!(error, c);
  }

  /** Hands the body on as it comes; the context closes before the end is told, so that a failure can still be seen. */
  #stream(request: OpenRequest, answer: Response, body: AnswerBody): ReadableStream<Uint8Array> {
    const { c } = request;
    const { outgoing } = c.env ?? {};
    if (answer.headers.get('content-type')?.startsWith('text/event-stream') === true) {
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
          await this.#close(request, c.error);
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Closes a context where nobody could answer that this fails. */
  async #close(request: OpenRequest, error: unknown): Promise<void> {
    await request.close(error).catch((teardownError: unknown) => this.#report(request, teardownError));
  }

  #report(request: OpenRequest, error: unknown): void {
    this.#logger.error(`${request.name} failed`, { error });
  }
}

/** A request that hono has been told of. */
interface Arrival {
  /** Present as soon as a handler has been called. */
  request: OpenRequest | undefined;
}
