/**
 * Attaches the watchdog to an application under `asphalt run`. Logs code that blocks the event loop, and stops the
 * application above the limit of `--fail-on-blocking`. Loads `@asphalt/watchdog` only when it is needed.
 */
import { Signal, type Application, type Logger } from '@asphalt/core';
import type { BlockingError, Delay, Watchdog } from '@asphalt/watchdog';

export interface WatchOptions {
  /** The shortest logged delay in milliseconds, or whether to log delays. Defaults to true outside of production. */
  readonly watchdog?: number | boolean | undefined;
  /** The shortest delay in milliseconds that stops the application. */
  readonly failOnBlocking?: number | undefined;
}

const defaultLimitMs = 100;

/** The time between the start and the watchdog, in milliseconds, so that short-lived tools end without it. */
const delayMs = 20;

export class WatchedRun {
  /** Resolves when the application can start. With `failOnBlocking`, the watchdog starts first. */
  readonly ready: Promise<unknown>;
  readonly #application: Application;
  readonly #logger: Logger;
  readonly #logFromMs: number;
  readonly #failFromMs: number;
  #isStarting = true;
  #timer: NodeJS.Timeout | undefined;
  #watching: Promise<Watchdog | undefined> | undefined;
  #lateError: BlockingError | undefined;

  constructor(application: Application, { watchdog, failOnBlocking = Infinity }: WatchOptions, logger: Logger) {
    this.#application = application;
    this.#logger = logger;
    const wanted = watchdog ?? process.env['NODE_ENV'] !== 'production';
    this.#logFromMs = wanted === true ? defaultLimitMs : wanted === false ? Infinity : wanted;
    this.#failFromMs = failOnBlocking;
    if (failOnBlocking < Infinity) this.#watching = this.#watch();
    this.ready = Promise.resolve(this.#watching);
    if (Math.min(this.#logFromMs, failOnBlocking) === Infinity) return;
    application.lifecycle.subscribe((event) => {
      if (event.type === 'application' && event.state === 'started') void this.#started();
    });
  }

  /** Stops the watchdog. Returns the error of code that exceeded the limit while the application was stopping. */
  async end(): Promise<BlockingError | undefined> {
    clearTimeout(this.#timer);
    const watchdog = await this.#watching;
    await watchdog?.stop();
    return this.#lateError;
  }

  /** Without `failOnBlocking`, creates the watchdog now: it neither delays nor observes the start. */
  async #started(): Promise<void> {
    if (this.#watching) {
      // The watchdog emits all delays of the start before this resolves.
      await (await this.#watching)?.settled();
      this.#isStarting = false;
      return;
    }
    this.#isStarting = false;
    this.#timer = setTimeout(() => {
      this.#watching = this.#watch();
    }, delayMs);
  }

  async #watch(): Promise<Watchdog | undefined> {
    const { BlockingError, logDelays, Watchdog } = await import('@asphalt/watchdog');
    if (!this.#isStarting && this.#application.state !== 'started') return undefined;
    const thresholdMs = Math.min(this.#logFromMs, this.#failFromMs);
    const watchdog = await Watchdog.start({ thresholdMs, application: this.#application });
    const delayed = new Signal<Delay>();
    if (this.#logFromMs < Infinity)
      logDelays({ namesCode: watchdog.namesCode, delayed }, this.#logger, this.#logFromMs);
    delayed.subscribe((delay) => {
      if (isBlocking(delay) && delay.durationMs >= this.#failFromMs)
        this.#fail(new BlockingError(delay, this.#failFromMs));
    });
    watchdog.delayed.subscribe((delay) => {
      // During the start, ignores delays outside of the application's code, because loading modules always blocks.
      if (!this.#isStarting || isOwn(delay)) delayed.dispatch(delay);
    });
    return watchdog;
  }

  #fail(error: BlockingError): void {
    // `runApplication()` reports the error as the failure of the application.
    const { state } = this.#application;
    if (state === 'starting' || state === 'started') this.#application.stop(error).catch(() => undefined);
    else this.#lateError ??= error;
  }
}

function isBlocking({ cause }: Delay): boolean {
  return cause === 'code' || cause === 'unknown';
}

/** Whether code of the application caused the delay, rather than Node or a package. */
function isOwn({ place }: Delay): boolean {
  return place !== undefined && !/^node:|^$|[\\/]node_modules[\\/]/.test(place.file);
}
