import { AsphaltError } from '@asphalt/core';

/** Thrown when a page could not be read. The web page shows its reason. */
export class PageError extends AsphaltError {
  readonly code: string = 'ERR_PAGE_UNREADABLE';

  constructor(
    /** The page's URL without credentials. */
    readonly url: string,
    /** The reason in one line, for the web page: "responded with 503 Service Unavailable". */
    readonly reason: string,
    /** The pause that the server requested. */
    readonly retryAfterMs?: number,
    options?: ErrorOptions & { readonly help?: string },
  ) {
    super(
      { summary: `The page could not be read: it ${reason}`, details: [['url', url]], help: options?.help },
      options,
    );
  }
}

/** Thrown when a page, or a redirect of it, leads to an address that is not public. */
export class PrivateAddressError extends PageError {
  override readonly code = 'ERR_PAGE_PRIVATE';

  constructor(
    readonly host: string,
    readonly address: string,
    url = '',
  ) {
    const where = host === address ? address : `${host} (${address})`;
    super(url, `leads to ${where}, which is not a public address`, undefined, {
      help: 'set `allowPrivate: true` for a page of your own network',
    });
  }

  /** Returns the same error for the page whose request failed. */
  of(url: string): PrivateAddressError {
    return new PrivateAddressError(this.host, this.address, url);
  }
}
