/** Distinguishes malformed request bodies from errors of the application. hono rejects with the parser's error in both cases. */
import type { Context as HonoContext } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { MalformedBodyError } from '../errors.ts';
import { textOf } from '../status-text.ts';

/** Returns the error of a 400 if a handler failed because the body of its request is malformed. */
export async function asBadRequest(error: Error, c: HonoContext): Promise<Error> {
  const { bodyCache } = c.req;
  const isMalformed =
    (error instanceof SyntaxError && (await isMalformedJson(bodyCache.text, error))) ||
    (error instanceof TypeError && (await rejectsWith(bodyCache.formData, error)));
  if (!isMalformed) return error;
  const cause = new MalformedBodyError(`${c.req.method} ${c.req.path}`, error);
  return new HTTPException(400, { message: textOf(400), cause });
}

/** Whether an error can be one of a malformed body; the handler has read the body through hono. */
export function mayBeBadRequest(error: Error, c: HonoContext): boolean {
  const { text, formData } = c.req.bodyCache;
  return (error instanceof SyntaxError && text !== undefined) || (error instanceof TypeError && formData !== undefined);
}

/** Whether `c.req.json()` failed with this error, and not a parser of other text. */
async function isMalformedJson(text: Promise<string> | string | undefined, { message }: Error): Promise<boolean> {
  if (text === undefined) return false;
  try {
    JSON.parse(await text);
    return false;
  } catch (error) {
    return error instanceof SyntaxError && error.message === message;
  }
}

/** Whether the body cannot be read as a form; reading it twice is an error of the handler. */
async function rejectsWith(body: Promise<FormData> | FormData | undefined, error: Error): Promise<boolean> {
  if (body === undefined || /unusable|already been read/.test(error.message)) return false;
  try {
    await body;
    return false;
  } catch (thrown) {
    return thrown === error;
  }
}
