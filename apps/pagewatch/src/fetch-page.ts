/**
 * One polite request for a page: it asks only for what changed, gives up in time, and stops reading what is too big.
 * Knows nothing of schedules, diffs or signals.
 */
import { parseRetryAfter } from './back-off.ts';
import { decodeBody } from './charset.ts';
import { PageError } from './page-error.ts';
import { isText, readableText } from './readable-text.ts';

const headers = {
  'user-agent': 'pagewatch/0.1',
  accept: 'text/html,application/xhtml+xml,text/plain;q=0.9,text/*;q=0.8,application/json;q=0.7,application/xml;q=0.7',
};

/** What a server said of a version, to be shown to it again. */
export interface Validators {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

export interface FetchOptions {
  /** The validators of the version that is known already. */
  readonly known?: Validators | undefined;
  /** For the whole answer, its body included. */
  readonly timeoutMs: number;
  /** Counted after decompression. */
  readonly maxBytes: number;
  readonly abort?: AbortSignal | undefined;
}

/** A page as a person would read it. */
export interface FetchedPage extends Validators {
  readonly text: string;
}

/**
 * Asks for a page, with redirects.
 *
 * @returns `undefined` when the server says that the known version is still the current one
 * @throws {@link PageError} when there is no readable answer; the abort reason when `abort` fires
 */
export async function fetchPage(url: string, options: FetchOptions): Promise<FetchedPage | undefined> {
  const { timeoutMs, abort } = options;
  abort?.throwIfAborted();
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  const onAbort = (): void => stop.abort();
  abort?.addEventListener('abort', onAbort);
  try {
    return await readPage(url, options, stop.signal);
  } catch (error) {
    abort?.throwIfAborted();
    if (stop.signal.aborted) throw new PageError(url, `gave no complete answer within ${timeoutMs / 1000} s`);
    throw error instanceof PageError ? error : new PageError(url, unreachable(error), undefined, { cause: error });
  } finally {
    clearTimeout(timer);
    abort?.removeEventListener('abort', onAbort);
  }
}

async function readPage(url: string, options: FetchOptions, signal: AbortSignal): Promise<FetchedPage | undefined> {
  const { known, maxBytes } = options;
  const response = await fetch(url, {
    headers: {
      ...headers,
      ...(known?.etag !== undefined && { 'if-none-match': known.etag }),
      ...(known?.lastModified !== undefined && { 'if-modified-since': known.lastModified }),
    },
    signal,
  });
  const refuse = async (reason: string, retryAfterMs?: number): Promise<never> => {
    await response.body?.cancel();
    throw new PageError(url, reason, retryAfterMs);
  };
  if (response.status === 304 && known !== undefined) return undefined;
  if (!response.ok) {
    const status = `${response.status} ${response.statusText}`.trim();
    return refuse(`answered ${status}`, parseRetryAfter(response.headers.get('retry-after'), Date.now()));
  }
  const contentType = response.headers.get('content-type') ?? 'text/html';
  const mediaType = contentType.split(';', 1)[0]!.trim().toLowerCase();
  if (!isText(mediaType)) return refuse(`is no text but ${mediaType}`);

  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the body, and with it the transfer.
    if (size > maxBytes) throw new PageError(url, `is larger than ${maxBytes.toLocaleString('en')} bytes`);
    chunks.push(chunk);
  }
  return {
    text: readableText(decodeBody(Buffer.concat(chunks), contentType), mediaType),
    etag: response.headers.get('etag') ?? undefined,
    lastModified: response.headers.get('last-modified') ?? undefined,
  };
}

/** What `fetch` hides behind "fetch failed". */
function unreachable(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause;
  // One address of several is enough to tell.
  if (cause instanceof AggregateError) cause = cause.errors[0];
  const message = cause instanceof Error ? cause.message || cause.name : String(cause);
  return `could not be reached (${message})`;
}
