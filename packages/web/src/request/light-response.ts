import { validateHeaderName, validateHeaderValue } from 'node:http';

/** Node's own class, unless another server of this process has replaced it already. */
const StandardResponse = Response;

type Cache = readonly [status: number, body: unknown, headers: unknown];

/**
 * Recognizes responses that are complete without reading them. The standard `Response` does not show whether its body is
 * text or a stream. The class that hono's adapter puts in its place (`overrideGlobals`) stores the body as it was
 * given, in a field without a public name. If an update renames the field, every body is read as a standard one is.
 */
export class LightResponses {
  #type: typeof Response = StandardResponse;
  #cacheKey: symbol | undefined;

  isComplete(response: Response): boolean {
    if (Response !== this.#type) this.#inspect();
    const cache = this.#cacheOf(response);
    if (cache === undefined) return false;
    const [, body, headers] = cache;
    const isPlain = body === null || typeof body === 'string' || body instanceof Uint8Array;
    return isPlain && !hasTransferEncoding(headers);
  }

  /** Returns the error of a status or a header that the server cannot send. The adapter's class does not check them. */
  problemOf(response: Response): unknown {
    const [status, , headers] = this.#cacheOf(response) ?? [200];
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      return new RangeError(`The status of a response must be from 200 to 599, got ${status}`);
    }
    if (typeof headers !== 'object' || headers === null || headers instanceof Headers) return undefined;
    try {
      for (const [name, value] of Object.entries(headers)) {
        validateHeaderName(name);
        validateHeaderValue(name, value as string);
      }
      return undefined;
    } catch (error) {
      return error;
    }
  }

  #cacheOf(response: Response): Cache | undefined {
    if (this.#cacheKey === undefined) return undefined;
    return (response as unknown as Readonly<Record<symbol, Cache | undefined>>)[this.#cacheKey];
  }

  /** Finds the field in a response whose body is known. */
  #inspect(): void {
    this.#type = Response;
    const probe = new Response('probe');
    this.#cacheKey = Object.getOwnPropertySymbols(probe).find((key) => {
      const value = (probe as unknown as Readonly<Record<symbol, unknown>>)[key];
      return Array.isArray(value) && value[1] === 'probe';
    });
  }
}

function hasTransferEncoding(headers: unknown): boolean {
  if (headers === undefined) return false;
  if (headers instanceof Headers) return headers.has('transfer-encoding');
  for (const name in headers as object) if (name.toLowerCase() === 'transfer-encoding') return true;
  return Array.isArray(headers);
}
