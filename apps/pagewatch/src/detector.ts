/**
 * Watches one page: remembers what it said last, asks for it when told to, and says by signals what came of it. When
 * to ask is up to the caller, who reads the pause from `state`.
 */
import { Signal } from '@asphalt/core';
import { nextPauseMs } from './back-off.ts';
import { fetchPage, type Validators } from './fetch-page.ts';
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

/** A page says something else than before. */
export interface PageChanged {
  readonly page: Page;
  readonly before: string;
  readonly after: string;
  readonly at: number;
  /** How many changes of the page this one sums up. */
  readonly count: number;
}

/** A check that came to its end, well or not. */
export interface PageChecked {
  readonly page: Page;
  readonly at: number;
}

export interface PageFailed extends PageChecked {
  readonly error: PageError;
}

export interface DetectorSettings {
  readonly page: Page;
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** At most one mail in this time. */
  readonly mailEveryMs: number;
}

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
  /** Each version that is new: the first one that was ever read, and each that differs from the one before. */
  readonly found = new Signal<PageVersion>();
  readonly changed = new Signal<PageChanged>();
  readonly checked = new Signal<PageChecked>();
  readonly failed = new Signal<PageFailed>();
  #latest: Pick<PageVersion, 'text' | 'etag' | 'lastModified'> | undefined;
  #state: PageState;

  constructor(readonly settings: DetectorSettings) {
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
   * Reads the page once. A page that cannot be read is no exception but news on `failed`.
   *
   * @throws the abort reason when `abort` fires
   */
  async check(abort?: AbortSignal): Promise<void> {
    const { page, timeoutMs, maxBytes } = this.settings;
    try {
      const fetched = await fetchPage(page.url, { known: this.#latest, timeoutMs, maxBytes, abort });
      const at = Date.now();
      this.#settle(at, undefined);
      if (fetched !== undefined) this.#take({ page, at, ...fetched });
      this.checked.dispatch({ page, at });
    } catch (error) {
      if (!(error instanceof PageError)) throw error;
      const at = Date.now();
      this.#settle(at, error);
      this.failed.dispatch({ page, at, error });
    }
  }

  #take(version: PageVersion): void {
    const before = this.#latest;
    this.#latest = version;
    if (before?.text === version.text) return;
    this.found.dispatch(version);
    if (before === undefined) return;
    const { page, at, text: after } = version;
    this.changed.dispatch({ page, at, before: before.text, after, count: 1 });
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
