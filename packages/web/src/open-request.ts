import type { Context } from '@asphalt/core';
import type { Context as HonoContext } from 'hono';

import { NoAnswerError } from './errors.ts';
import type { WebEnv } from './web-env.ts';
import { isWhole } from './whole-answer.ts';

/** A request from its first handler until its context is closed. */
export class OpenRequest {
  /** Present while an answer is sent that has no end of its own. */
  endAnswer?: () => void;
  #closing: Promise<void> | undefined;

  constructor(
    readonly c: HonoContext<WebEnv>,
    readonly context: Context,
    readonly onClosed: (request: OpenRequest) => void,
  ) {}

  /** As messages call it. */
  get name(): string {
    return this.context.name;
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
    const isClosed = this.context.closeAtOnce();
    if (isClosed) this.onClosed(this);
    return isClosed;
  }

  /** Only the first call counts, and only its caller hears that teardown failed: a request ends in one way. */
  close(error?: unknown): Promise<void> {
    if (this.#closing) return this.#closing.catch(() => {});
    this.#closing = this.context.close(error);
    const closed = (): void => this.onClosed(this);
    this.#closing.then(closed, closed);
    return this.#closing;
  }
}

function drop(answer: Response): void {
  if (!isWhole(answer)) answer.body?.cancel().catch(() => {});
}
