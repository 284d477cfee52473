/**
 * A request from its first handler until its context is closed. The context is opened when it is first asked for, and
 * most of what a request costs is saved where nobody asks.
 */
import { Context } from '@asphalt/core';
import type { Context as HonoContext } from 'hono';

import { NoAnswerError } from './errors.ts';
import type { WebEnv } from './web-env.ts';
import { isWhole } from './whole-answer.ts';

/** Where hono's `c` keeps the request that it stands for. */
const requestOf = Symbol('request');

type Carrier = HonoContext<WebEnv> & { [requestOf]?: OpenRequest };

/** `c.var`, by which the context is asked for; one object for all, so that the engine sees one shape. */
const askingVar: PropertyDescriptor & ThisType<Carrier> = {
  configurable: true,
  get() {
    void this[requestOf]!.context;
    return Reflect.get(Object.getPrototypeOf(this) as object, 'var', this) as unknown;
  },
};

export class OpenRequest {
  /** Present while an answer is sent that has no end of its own. */
  endAnswer?: () => void;
  readonly #root: Context;
  #context: Context | undefined;
  #closing: Promise<void> | undefined;

  /** @param root - the parent of the context */
  constructor(
    readonly c: HonoContext<WebEnv>,
    root: Context,
    readonly onClosed: (request: OpenRequest) => void,
  ) {
    this.#root = root;
    const { get } = c;
    c.get = ((key: 'context') => {
      if (key === 'context') void this.context;
      return get(key);
    }) as typeof get;
    (c as Carrier)[requestOf] = this;
    Object.defineProperty(c, 'var', askingVar);
  }

  /** The request that hono's `c` stands for; none if it was not sent to the application itself. */
  static of(c: HonoContext<WebEnv>): OpenRequest | undefined {
    return (c as Carrier)[requestOf];
  }

  /** As messages call it. */
  get name(): string {
    const { req } = this.c;
    return `${req.method} ${req.path}`;
  }

  /** The context, opened now if it was not asked for before. One that is asked for too late is closed. */
  get context(): Context {
    if (this.#context === undefined) {
      const { c } = this;
      this.#context = this.#root.child(this.name);
      this.#context.addResource(Request, c.req.raw);
      c.set('context', this.#context);
      if (this.#closing !== undefined) this.#context.closeAtOnce();
    }
    return this.#context;
  }

  /** Calls a part of the application on behalf of the request. */
  enter<R>(call: () => R): R {
    return Context.mayBeAsked ? this.context.enter(call) : call();
  }

  /** Looks at what its outermost handler gives, before hono does. */
  see<G>(given: G): G {
    const { c } = this;
    const answer = c.finalized ? c.res : given;
    // hono would answer that nothing was found, or with what its `next` gives to middleware.
    if (answer === undefined || answer === c) throw new NoAnswerError(this.name);
    // hono answers without the body, which nobody else can get at.
    if (c.req.method === 'HEAD') drop(answer as Response);
    return given;
  }

  /** Closes the context if nothing has to be torn down; tells whether it did. */
  closeAtOnce(): boolean {
    if (this.#context !== undefined && !this.#context.closeAtOnce()) return false;
    this.#closing ??= closed;
    this.onClosed(this);
    return true;
  }

  /** Only the first call counts, and only its caller hears that teardown failed: a request ends in one way. */
  close(error?: unknown): Promise<void> {
    if (this.#closing) return this.#closing.catch(() => {});
    this.#closing = this.#context?.close(error) ?? closed;
    const forget = (): void => this.onClosed(this);
    this.#closing.then(forget, forget);
    return this.#closing;
  }
}

/** How a request ends that nobody asked for a context of. */
const closed = Promise.resolve();

function drop(answer: Response): void {
  if (!isWhole(answer)) answer.body?.cancel().catch(() => {});
}
