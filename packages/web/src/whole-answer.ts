/**
 * Answers that are there as a whole. A standard `Response` turns text into a stream, which costs more than the rest of a
 * request; these keep the text or the bytes, and whoever sends them writes them in one go.
 */
import { getRequestListener } from '@hono/node-server';
import type { Context as HonoContext } from 'hono';

const LightResponse: typeof Response = lightResponse();

/** A `Response` that becomes a standard one only when somebody reads its body. */
export class WholeAnswer extends LightResponse {}

/** What hono's methods that make an answer take after the body: its status, or more than that, and its headers. */
type Terms = [status?: never, headers?: never];

/**
 * Has `c.text`, `c.json`, `c.html` and `c.body` make a {@link WholeAnswer} of what is text or bytes. The rest of the
 * answer, its status and headers, is what hono makes of it: it is asked for the same answer without a body.
 */
export function answerWhole(c: HonoContext): void {
  const { text, html, body } = c;
  const bodyWith = (type: string, data: unknown, [status, headers]: Terms): Response =>
    c.body(data as string, status, { 'Content-Type': type, ...(headers as object | undefined) });
  c.text = ((data: string, ...terms: Terms) => whole(data, text(null as never, ...terms))) as typeof text;
  c.body = ((data: unknown, ...terms: Terms) =>
    typeof data === 'string' || data instanceof Uint8Array
      ? whole(data, body(null, ...terms))
      : body(data as never, ...terms)) as typeof body;
  c.json = ((data: unknown, ...terms: Terms) =>
    bodyWith('application/json', JSON.stringify(data), terms)) as typeof c.json;
  // Markup that hono has still to put together is an object.
  c.html = ((data: unknown, ...terms: Terms) =>
    typeof data === 'string'
      ? bodyWith('text/html; charset=UTF-8', data, terms)
      : html(data as never, ...terms)) as typeof html;
}

function whole(data: string | Uint8Array, { status, headers }: Response): WholeAnswer {
  const isPlain = headers.keys().next().done === true;
  return new WholeAnswer(data as Uint8Array<ArrayBuffer>, isPlain ? { status } : { status, headers });
}

/** The adapter's own kind of `Response`, which it shows only by putting it in the place of the global one. */
function lightResponse(): typeof Response {
  const before = Object.getOwnPropertyDescriptors(globalThis);
  getRequestListener(() => Response.error());
  const light = Response;
  Object.defineProperties(globalThis, { Request: before.Request!, Response: before.Response! });
  return light;
}
