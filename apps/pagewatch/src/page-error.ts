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

export type PageUrlProblem = 'private' | 'credentials' | 'protocol';

const urlProblems: Readonly<Record<PageUrlProblem, { readonly what: string; readonly help: string }>> = {
  private: {
    what: 'it is not on the public internet',
    help: 'set `allowPrivate: true` for a page of your own network',
  },
  credentials: { what: 'it contains a user name or a password', help: 'watch a page that requires no login' },
  protocol: { what: 'it is neither http nor https', help: 'set `url` to a URL that starts with http:// or https://' },
};

/** Thrown at the start when the configured URL of a page can never be read. */
export class PageUrlError extends AsphaltError {
  readonly code = 'ERR_PAGE_URL';

  constructor(
    /** The path of the page's component. */
    readonly component: string,
    /** The URL without credentials. */
    readonly url: string,
    readonly problem: PageUrlProblem,
  ) {
    const { what, help } = urlProblems[problem];
    super({
      summary: `The \`url\` of component \`${component}\` cannot be watched: ${what}`,
      details: [['url', url]],
      help,
    });
  }
}
