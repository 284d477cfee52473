/** A process whose business is one application: signals, and errors that nobody caught, stop the application. */
import { describeThrown } from '../errors/asphalt-error.ts';
import type { Application } from './application.ts';
import { StartCancelledError } from './start-errors.ts';

/** What stops an application, with the name of each and its number, which shells add to 128. */
const signals = {
  SIGHUP: { name: 'Hangup', number: 1 },
  SIGINT: { name: 'Interrupt', number: 2 },
  SIGTERM: { name: 'Terminated', number: 15 },
} as const;

type StopSignal = keyof typeof signals;

/**
 * A key press may arrive twice, from the terminal and from a parent process such as npm. What follows the first signal
 * within this many milliseconds is taken for the same wish.
 */
const sameWishMs = 300;

export class OwnedProcess {
  readonly #application: Application;
  readonly #say: (message: string) => void;
  readonly #failed: (error: unknown) => void;
  #asked: { readonly signal: StopSignal; readonly at: number } | undefined;

  /** Listens from now on. */
  constructor(application: Application, say: (message: string) => void, failed: (error: unknown) => void) {
    this.#application = application;
    this.#say = say;
    this.#failed = failed;
    for (const signal of Object.keys(signals)) process.on(signal, this.#onSignal);
    process.on('uncaughtException', this.#onError);
    process.on('unhandledRejection', this.#onError);
  }

  /** What the process should end with, when the application has stopped. */
  get exitCode(): number {
    const { exitCode } = this.#application;
    // Nobody asked for the end: the terminal went away. Whoever waits for the process should not take it for done.
    return exitCode === 0 && this.#asked?.signal === 'SIGHUP' ? exitCodeOf('SIGHUP') : exitCode;
  }

  /** Listens no more. */
  release(): void {
    for (const signal of Object.keys(signals)) process.off(signal, this.#onSignal);
    process.off('uncaughtException', this.#onError);
    process.off('unhandledRejection', this.#onError);
  }

  readonly #onSignal = (signal: StopSignal): void => {
    if (this.#asked) {
      if (performance.now() - this.#asked.at < sameWishMs) return;
      // Whoever asks twice does not want to wait.
      process.exit(exitCodeOf(signal));
    }
    this.#asked = { signal, at: performance.now() };
    this.#say(`Received signal (${signals[signal].name}) – terminating application`);
    const reason = this.#application.state === 'started' ? undefined : new StartCancelledError(signal);
    // What goes wrong comes out of `application.finished`.
    this.#application.stop(reason).catch(() => undefined);
  };

  readonly #onError = (error: unknown): void => {
    const { state } = this.#application;
    // An application ends for one reason; what comes after that is told by itself.
    if (state === 'stopping' || state === 'stopped') this.#failed(error);
    // A thrown number is no exit code.
    else this.#application.stop(error instanceof Error ? error : new Error(describeThrown(error))).catch(this.#failed);
  };
}

function exitCodeOf(signal: StopSignal): number {
  return 128 + signals[signal].number;
}
