/**
 * Fetches a page with one conditional request, within a time limit and a size limit. It must not depend on schedules,
 * diffs or signals.
 */
import type { IncomingMessage } from 'node:http';
import { callAfter } from '@asphalt/core';
import { parseRetryAfter } from './back-off.ts';
import { readBytes, type PageClient } from './page-client.ts';
import { PageError, PrivateAddressError } from './page-error.ts';
import { isText } from './readable-text.ts';
import { mediaTypeOf } from './text-functions.ts';
import type { TextWork } from './text-work.ts';

const headers = {
  'user-agent': 'pagewatch/0.1',
  'accept-encoding': 'gzip, br',
  accept: 'text/html,application/xhtml+xml,text/plain;q=0.9,text/*;q=0.8,application/json;q=0.7,application/xml;q=0.7',
};

/** The headers that identify a version in the next conditional request. */
export interface Validators {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

export interface FetchOptions {
  readonly client: PageClient;
  readonly work: Pick<TextWork, 'read'>;
  /** The validators of the known version. */
  readonly known?: Validators | undefined;
  /** Time limit for the whole response, including its body. */
  readonly timeoutMs: number;
  /** Size limit for the body after decompression. */
  readonly maxBytes: number;
  readonly abort?: AbortSignal | undefined;
}

/** The readable text of a page. */
export interface FetchedPage extends Validators {
  readonly text: string;
}

/**
 * Fetches a page and follows redirects.
 *
 * @returns `undefined` when the server reports that the known version is still current
 * @throws {@link PageError} when the response is missing or not readable; the abort reason when `abort` fires
 */
export async function fetchPage(url: string, options: FetchOptions): Promise<FetchedPage | undefined> {
  const { timeoutMs, abort } = options;
  abort?.throwIfAborted();
  const stop = new AbortController();
  const cancel = callAfter(timeoutMs, () => stop.abort());
  const onAbort = (): void => stop.abort();
  abort?.addEventListener('abort', onAbort);
  try {
    return await readPage(url, options, stop.signal);
  } catch (error) {
    abort?.throwIfAborted();
    if (stop.signal.aborted) throw new PageError(url, `sent no complete response within ${timeoutMs / 1000} s`);
    if (error instanceof PrivateAddressError) throw error.of(url);
    throw error instanceof PageError ? error : new PageError(url, unreachable(error), undefined, { cause: error });
  } finally {
    cancel();
    abort?.removeEventListener('abort', onAbort);
  }
}

async function readPage(url: string, options: FetchOptions, signal: AbortSignal): Promise<FetchedPage | undefined> {
  const { client, work, known, maxBytes } = options;
  const response = await client.get(
    url,
    {
      ...headers,
      ...(known?.etag !== undefined && { 'if-none-match': known.etag }),
      ...(known?.lastModified !== undefined && { 'if-modified-since': known.lastModified }),
    },
    signal,
  );
  const { statusCode = 0, statusMessage = '', headers: received } = response;
  if (statusCode === 304 && known !== undefined) {
    response.resume();
    return undefined;
  }
  if (statusCode < 200 || statusCode > 299) {
    const status = `${statusCode} ${statusMessage}`.trim();
    const retryAfterMs = parseRetryAfter(received['retry-after'] ?? null, Date.now());
    return refuse(response, new PageError(url, `responded with ${status}`, retryAfterMs));
  }
  const contentType = received['content-type'] ?? 'text/html';
  const mediaType = mediaTypeOf(contentType);
  if (!isText(mediaType)) return refuse(response, new PageError(url, `is not text but ${mediaType}`));
  const body = await readBytes(response, url, maxBytes);
  return {
    text: await work.read(body, contentType).catch((cause: unknown) => {
      throw new PageError(url, `could not be converted to text (${oneLine(cause)})`, undefined, { cause });
    }),
    etag: received.etag,
    lastModified: received['last-modified'],
  };
}

function refuse(response: IncomingMessage, error: PageError): never {
  response.destroy();
  throw error;
}

/** Describes the innermost cause of a failed request. */
function unreachable(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause;
  // Show the error of the first address only.
  if (cause instanceof AggregateError) cause = cause.errors[0];
  return `could not be reached (${oneLine(cause)})`;
}

function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  return message.split('\n', 1)[0]!;
}
