/** Has the watchdog look after an application that `asphalt run` runs. */
import { Signal, type Application, type Logger } from '@asphalt/core';
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
  /** Resolves when the application may start: where code must not block, the watchdog is there before. */
  readonly begun: Promise<unknown>;
  readonly #application: Application;
  readonly #logger: Logger;
  readonly #logFromMs: number;
  readonly #failFromMs: number;
  #isStarting = true;
  #timer: NodeJS.Timeout | undefined;
  #watching: Promise<Watchdog | undefined> | undefined;
  #tooLate: BlockingError | undefined;

  constructor(application: Application, { watchdog, failOnBlocking = Infinity }: WatchOptions, logger: Logger) {
    this.#application = application;
    this.#logger = logger;
    const wanted = watchdog ?? process.env['NODE_ENV'] !== 'production';
    this.#logFromMs = wanted === true ? defaultLimitMs : wanted === false ? Infinity : wanted;
    this.#failFromMs = failOnBlocking;
    if (failOnBlocking < Infinity) this.#watching = this.#watch();
    this.begun = Promise.resolve(this.#watching);
    if (Math.min(this.#logFromMs, failOnBlocking) === Infinity) return;
    application.lifecycle.subscribe((event) => {
      if (event.type === 'application' && event.state === 'started') void this.#started();
    });
  }

  /** Watches no more; gives what should have failed the application and came when it was stopping already. */
  async end(): Promise<BlockingError | undefined> {
    clearTimeout(this.#timer);
    const watchdog = await this.#watching;
    await watchdog?.stop();
    return this.#tooLate;
  }

  /** A watchdog that only tells of delays comes now: no start waits for it, and it tells nothing of one. */
  async #started(): Promise<void> {
    if (this.#watching) {
      // What has blocked until now is told before this resolves.
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
      // A start loads modules, which block by their nature.
      if (!this.#isStarting || isOwn(delay)) delayed.dispatch(delay);
    });
    return watchdog;
  }

  #fail(error: BlockingError): void {
    // What goes wrong then is told as the application's failure.
    const { state } = this.#application;
    if (state === 'starting' || state === 'started') this.#application.stop(error).catch(() => undefined);
    else this.#tooLate ??= error;
  }
}

function isBlocking({ cause }: Delay): boolean {
  return cause === 'code' || cause === 'unknown';
}

/** Whether code of the program itself was at it, and not only Node and packages. */
function isOwn({ place }: Delay): boolean {
  return place !== undefined && !/^node:|^$|[\\/]node_modules[\\/]/.test(place.file);
}
