/**
 * Watches one page. It stores the last recorded version, fetches the page on `check()`, passes each new version to
 * `record`, and reports the outcome by signals. The caller decides when to check; `state` contains the pause.
 */
import { Signal } from '@asphalt/core';
import { nextPauseMs } from './back-off.ts';
import { fetchPage, type FetchOptions, type Validators } from './fetch-page.ts';
import { PageError } from './page-error.ts';

/** The identity of a watched page. */
export interface Page {
  /** A short, unique name from the configuration: "news" for `page/news`. */
  readonly name: string;
  readonly url: string;
  readonly title: string;
}

/** The text of a page at a time. */
export interface PageVersion extends Validators {
  readonly page: Page;
  readonly text: string;
  /** When it was read, in milliseconds since 1970. */
  readonly at: number;
}

/** A completed check, successful or not. */
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
  /** The least time between two mails. */
  readonly mailEveryMs: number;
}

/**
 * Records a new version: the first one, or one that differs from the previous version. Resolves when the version is
 * recorded. The page is not checked again before that, so no version is lost and versions do not accumulate.
 *
 * @throws the abort reason when `abort` fires before the version is recorded
 */
export type RecordVersion = (version: PageVersion, abort?: AbortSignal) => Promise<unknown>;

/** The current state of a page. */
export interface PageState {
  readonly status: 'new' | 'ok' | 'failing';
  readonly lastCheckAt: number | undefined;
  readonly nextCheckAt: number | undefined;
  /** The number of consecutive failed checks. */
  readonly failures: number;
  /** The reason of the last failure. */
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

  /** Sets a version that was recorded earlier as the last one, so that it is not recorded again. */
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
    // Store only a recorded version: with its validators, the server would not send an unrecorded version again.
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
