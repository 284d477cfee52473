/** Has the watchdog look after an application that `asphalt run` runs. */
import type { Application, Logger } from '@asphalt/core';
import type { BlockingError, Delay, Watchdog } from '@asphalt/watchdog';

export interface WatchOptions {
  /** From how long a delay on the log is told of it, in milliseconds; or whether it is at all. @default outside production */
  readonly watchdog?: number | boolean | undefined;
  /** After how long a delay the application stops, in milliseconds. */
  readonly failOnBlocking?: number | undefined;
}

const defaultLimitMs = 100;

/** How long after the start it comes, in milliseconds: what has done its work by then is not kept by it. */
const delayMs = 20;

export class WatchedRun {
  readonly #application: Application;
  readonly #logger: Logger;
  readonly #logFromMs: number;
  readonly #failFromMs: number;
  #timer: NodeJS.Timeout | undefined;
  #watching: Promise<Watchdog | undefined> | undefined;
  #tooLate: BlockingError | undefined;

  /** The watchdog comes when the application has started, so that the start does not wait for it. */
  constructor(application: Application, { watchdog, failOnBlocking = Infinity }: WatchOptions, logger: Logger) {
    this.#application = application;
    this.#logger = logger;
    const wanted = watchdog ?? process.env['NODE_ENV'] !== 'production';
    this.#logFromMs = wanted === true ? defaultLimitMs : wanted === false ? Infinity : wanted;
    this.#failFromMs = failOnBlocking;
    if (Math.min(this.#logFromMs, failOnBlocking) === Infinity) return;
    application.lifecycle.subscribe((event) => {
      if (event.type !== 'application' || event.state !== 'started') return;
      this.#timer = setTimeout(() => {
        this.#watching = this.#watch();
      }, delayMs);
    });
  }

  /** Watches no more; gives what should have failed the application and came when it was stopping already. */
  async end(): Promise<BlockingError | undefined> {
    clearTimeout(this.#timer);
    const watchdog = await this.#watching;
    await watchdog?.stop();
    return this.#tooLate;
  }

  async #watch(): Promise<Watchdog | undefined> {
    const { BlockingError, logDelays, Watchdog } = await import('@asphalt/watchdog');
    if (this.#application.state !== 'started') return undefined;
    const thresholdMs = Math.min(this.#logFromMs, this.#failFromMs);
    const watchdog = await Watchdog.start({ thresholdMs, application: this.#application });
    if (this.#logFromMs < Infinity) logDelays(watchdog, this.#logger, this.#logFromMs);
    watchdog.delayed.subscribe((delay) => {
      if (isBlocking(delay) && delay.durationMs >= this.#failFromMs)
        this.#fail(new BlockingError(delay, this.#failFromMs));
    });
    return watchdog;
  }

  #fail(error: BlockingError): void {
    // What goes wrong then is told as the application's failure.
    if (this.#application.state === 'started') this.#application.stop(error).catch(() => undefined);
    else this.#tooLate ??= error;
  }
}

function isBlocking({ cause }: Delay): boolean {
  return cause === 'code' || cause === 'unknown';
}
