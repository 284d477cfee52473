/**
 * Watches one page: remembers its last recorded version, fetches it on `check()`, hands each new version to `record`,
 * and reports the outcome by signals. The caller decides when to check; the pause is in `state`.
 */
import { Signal } from '@asphalt/core';
import { nextPauseMs } from './back-off.ts';
import { fetchPage, type FetchOptions, type Validators } from './fetch-page.ts';
import { PageError } from './page-error.ts';

/** Which page is meant. */
export interface Page {
  /** Short and unique, as in the configuration: `page/news` is "news". */
  readonly name: string;
  readonly url: string;
  readonly title: string;
}

/** What a page said at a time. */
export interface PageVersion extends Validators {
  readonly page: Page;
  readonly text: string;
  /** When it was read, in milliseconds since 1970. */
  readonly at: number;
}

/** A check that came to its end, well or not. */
export interface PageChecked {
  readonly page: Page;
  readonly at: number;
}

export interface PageFailed extends PageChecked {
  readonly error: PageError;
}

export interface DetectorSettings extends Pick<FetchOptions, 'client' | 'work' | 'timeoutMs' | 'maxBytes'> {
  readonly page: Page;
  readonly everyMs: number;
  /** At most one mail in this time. */
  readonly mailEveryMs: number;
}

/**
 * Records a new version: the first one that was ever read, or one that differs from the version before. Resolves when
 * the version is recorded. Until then the page is not checked again, so no version is lost and none piles up.
 *
 * @throws the abort reason when `abort` fires before the version is recorded
 */
export type RecordVersion = (version: PageVersion, abort?: AbortSignal) => Promise<unknown>;

/** What is known of a page at the moment. */
export interface PageState {
  readonly status: 'new' | 'ok' | 'failing';
  readonly lastCheckAt: number | undefined;
  readonly nextCheckAt: number | undefined;
  /** How many checks failed in a row, the last of them for this reason. */
  readonly failures: number;
  readonly reason: string | undefined;
  readonly pauseMs: number;
}

export class Detector {
  readonly checked = new Signal<PageChecked>();
  readonly failed = new Signal<PageFailed>();
  #latest: Pick<PageVersion, 'text' | 'etag' | 'lastModified'> | undefined;
  #state: PageState;

  constructor(
    readonly settings: DetectorSettings,
    private readonly record: RecordVersion,
  ) {
    const pauseMs = settings.everyMs;
    this.#state = {
      status: 'new',
      lastCheckAt: undefined,
      nextCheckAt: undefined,
      failures: 0,
      reason: undefined,
      pauseMs,
    };
  }

  get page(): Page {
    return this.settings.page;
  }

  get state(): PageState {
    return this.#state;
  }

  /** Goes on from a version that was read earlier, so that it is not news again. */
  resume(version: Pick<PageVersion, 'text' | 'etag' | 'lastModified'>): void {
    this.#latest = version;
  }

  /**
   * Fetches the page once, and records it if it is new. If the page cannot be read, `failed` reports it.
   *
   * @throws the abort reason when `abort` fires
   */
  async check(abort?: AbortSignal): Promise<void> {
    const { page, client, work, timeoutMs, maxBytes } = this.settings;
    try {
      const fetched = await fetchPage(page.url, { client, work, known: this.#latest, timeoutMs, maxBytes, abort });
      const at = Date.now();
      this.#settle(at, undefined);
      if (fetched !== undefined) await this.#take({ page, at, ...fetched }, abort);
      this.checked.dispatch({ page, at });
    } catch (error) {
      if (!(error instanceof PageError)) throw error;
      const at = Date.now();
      this.#settle(at, error);
      this.failed.dispatch({ page, at, error });
    }
  }

  async #take(version: PageVersion, abort: AbortSignal | undefined): Promise<void> {
    if (this.#latest?.text !== version.text) await this.record(version, abort);
    // Only a recorded version is known: its validators would keep the server from sending an unrecorded one again.
    this.#latest = version;
  }

  #settle(at: number, error: PageError | undefined): void {
    const failures = error ? this.#state.failures + 1 : 0;
    const pauseMs = nextPauseMs({ everyMs: this.settings.everyMs, failures, retryAfterMs: error?.retryAfterMs });
    this.#state = {
      status: error ? 'failing' : 'ok',
      lastCheckAt: at,
      nextCheckAt: at + pauseMs,
      failures,
      reason: error?.reason,
      pauseMs,
    };
  }
}
