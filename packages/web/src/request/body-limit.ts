/**
 * The limit of request bodies. It counts the bytes that arrive, whether or not the body declares its length and
 * whether or not a handler reads it; what exceeds the limit is dropped, so it takes no memory.
 */
import { IncomingMessage, type ServerResponse } from 'node:http';
import type { Context as HonoContext, MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { matchedRoutes } from 'hono/route';
import { findTargetHandler } from 'hono/utils/handler';
import { BodyLimitError } from '../errors.ts';
import { textOf } from '../status-text.ts';
import type { Origin } from './proxies.ts';

/** The rest of a refused body is received for this long, so that the client can read the response. */
const lingerMs = 500;
const maxDropped = 64 * 1024 * 1024;

/** Where the middleware of a route keeps its limit. */
const limitOfRoute = Symbol('bodyLimit');

/** An incoming request that stops delivering its body at a limit; Node's server takes the class as an option. */
export class LimitedMessage extends IncomingMessage {
  limit = Number.POSITIVE_INFINITY;
  /** The response, after which a connection whose body is refused closes. */
  response: ServerResponse | undefined;
  /** The client behind trusted proxies, if the server has any. */
  origin: Origin | undefined;
  #received = 0;
  #isOver = false;

  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    if (chunk !== null) this.#received += chunk.length;
    if (this.#received <= this.limit) return super.push(chunk, encoding);
    if (!this.#isOver) this.#exceed();
    if (this.#received > this.limit + maxDropped) this.socket.destroySoon();
    if (this.readableFlowing === true || this.#isAwaited) this.#refuse();
    return true;
  }

  // A reader that comes later or has paused receives the error, too. Node calls `_read` at most once until the next
  // push, and what exceeds the limit is not pushed. With a size of 0, Node fills the buffer and nobody reads.
  override read(size?: number): unknown {
    const chunk: unknown = super.read(size);
    if (chunk === null && size !== 0 && this.#isOver) this.#refuse();
    return chunk;
  }

  override _read(size: number): void {
    if (!this.#isOver) super._read(size);
    else if (this.#isAwaited) this.#refuse();
  }

  /** Whether a reader waits for the event of new data, as the asynchronous iterator does. */
  get #isAwaited(): boolean {
    return this.listenerCount('readable') > 0;
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.#isOver) super._destroy(error, callback);
    // Node's own method destroys the connection, and with it the response.
    else process.nextTick(() => callback(this.listenerCount('error') > 0 ? error : null));
  }

  #exceed(): void {
    this.#isOver = true;
    const linger = (): void => {
      setTimeout(() => {
        if (!this.complete) this.socket.destroySoon();
      }, lingerMs).unref();
    };
    if (this.response?.writableFinished === true) linger();
    else this.response?.once('finish', linger);
  }

  #refuse(): void {
    this.destroy(tooLarge(this.limit));
  }
}

/**
 * Creates a middleware that sets the limit of request bodies for the routes that it covers.
 *
 * @param size - a number of bytes, or text such as `200MB` (200,000,000) or `1GiB`
 * @example
 * app.post('/upload', bodyLimit('200MB'), async (c) => save(c.req.raw.body));
 */
export function bodyLimit(
  size: number | `${number}${'B' | 'kB' | 'MB' | 'GB' | 'KiB' | 'MiB' | 'GiB'}`,
): MiddlewareHandler {
  const pass: MiddlewareHandler = (_, next) => next();
  return Object.assign(pass, { [limitOfRoute]: bytesOf(size) });
}

/** Applies the limit of the matched routes, before any handler runs. */
export function applyBodyLimit(c: HonoContext): void {
  const { incoming } = (c.env ?? {}) as { incoming?: IncomingMessage };
  if (!(incoming instanceof LimitedMessage)) return;
  const { 'content-length': length, 'transfer-encoding': encoding } = incoming.headers;
  if (length === undefined && encoding === undefined) return;
  for (const { handler } of matchedRoutes(c)) {
    const { [limitOfRoute]: limit = incoming.limit } = findTargetHandler(handler) as { [limitOfRoute]?: number };
    incoming.limit = limit;
  }
  if (Number(length) > incoming.limit) throw tooLarge(incoming.limit);
}

function tooLarge(limit: number): HTTPException {
  return new HTTPException(413, { message: textOf(413), cause: new BodyLimitError(limit) });
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

function bytesOf(size: number | string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(String(size)) ?? [];
  const bytes = Number(amount) * (units[unit.toLowerCase()] ?? Number.NaN);
  if (!(bytes >= 1)) throw new RangeError(`bodyLimit() needs a size of at least 1 byte, got ${JSON.stringify(size)}`);
  return bytes;
}
