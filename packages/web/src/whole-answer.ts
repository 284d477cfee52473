/**
 * Answers that are there as a whole. A standard `Response` turns text into a stream, which costs more than the rest of a
 * request; these keep the text or the bytes, and whoever sends them writes them in one go.
 */
import { getRequestListener } from '@hono/node-server';
import type { Context as HonoContext } from 'hono';

/** A `Response` that becomes a standard one only when somebody reads its body. */
export const WholeAnswer: typeof Response = lightResponse();

/** What hono's methods that make an answer take after the body: its status, or more than that, and its headers. */
type Terms = [status?: never, headers?: never];

/** Has `c.text`, `c.json`, `c.html` and `c.body` make a {@link WholeAnswer} of text, of bytes and of nothing. */
export function answerWhole(c: HonoContext): void {
  const { text, json, html, body, newResponse } = c;
  c.text = ((...args: [string, ...Terms]) => whole(text, ...args)) as typeof text;
  c.json = ((...args: [never, ...Terms]) => whole(json, ...args)) as typeof json;
  // Markup that hono has still to put together is an object.
  c.html = ((data: string, ...terms: Terms) =>
    typeof data === 'string' ? whole(html, data, ...terms) : html(data, ...terms)) as typeof html;
  c.body = ((data: string, ...terms: Terms) =>
    isThere(data) ? whole(body as typeof newResponse, data, ...terms) : body(data as never, ...terms)) as typeof body;
  // hono's other methods go through this one.
  c.newResponse = ((data: string, ...terms: Terms) =>
    isThere(data) ? whole(newResponse, data, ...terms) : newResponse(data, ...terms)) as typeof newResponse;
}

/** Whether an answer is known to be there as a whole. */
export function isWhole(answer: Response): boolean {
  return answer instanceof WholeAnswer;
}

function isThere(data: unknown): boolean {
  return data === null || typeof data === 'string' || data instanceof Uint8Array;
}

/** Calls what makes an answer by the global `Response` with ours in its place. */
function whole<D>(make: (data: D, ...terms: Terms) => unknown, data: D, ...terms: Terms): unknown {
  const standard = globalThis.Response;
  globalThis.Response = WholeAnswer;
  try {
    return make(data, ...terms);
  } finally {
    globalThis.Response = standard;
  }
}

/** The adapter's own kind of `Response`, which it shows only by putting it in the place of the global one. */
function lightResponse(): typeof Response {
  const before = Object.getOwnPropertyDescriptors(globalThis);
  getRequestListener(() => Response.error());
  const light = Response;
  Object.defineProperties(globalThis, { Request: before.Request!, Response: before.Response! });
  return light;
}
