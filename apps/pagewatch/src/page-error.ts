import { AsphaltError } from '@asphalt/core';

/** Raised when a page could not be read this time. Its summary is what the web page shows. */
export class PageError extends AsphaltError {
  readonly code = 'ERR_PAGE_UNREADABLE';

  constructor(
    readonly url: string,
    /** In one line, for the reader of the web page: "answered 503 Service Unavailable". */
    readonly reason: string,
    /** The pause that the server asked for. */
    readonly retryAfterMs?: number,
    options?: ErrorOptions,
  ) {
    super({ summary: `The page could not be read: it ${reason}`, details: [['url', url]] }, options);
  }
}
