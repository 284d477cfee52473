/**
 * Responses to HEAD. hono drops the body of a handler's response, and with it the length that a GET would receive.
 */
import { ResponseBody } from './response-body.ts';

/** Returns the response without its body, which is dropped, and with its length if the body is complete already. */
export async function withoutBody(response: Response): Promise<Response> {
  const { body, status, statusText } = response;
  if (body === null || body.locked) return response;
  const headers = new Headers([...response.headers]);
  const source = new ResponseBody(body);
  const isFramed = headers.has('content-length') || headers.has('transfer-encoding');
  const whole = isFramed ? undefined : await source.whole();
  if (whole === undefined) source.cancel().catch(() => {});
  else headers.set('content-length', String(whole.length));
  return new Response(null, { status, statusText, headers });
}
