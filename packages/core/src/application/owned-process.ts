/**
 * Connects an application to a process that runs nothing else: signals and uncaught errors stop the application. It
 * depends on the application's public methods only.
 */
import { describeThrown } from '../errors/asphalt-error.ts';
import type { Application } from './application.ts';
import { StartCancelledError } from './start-stop-errors.ts';

/** The signals that stop an application, each with its name and its number. Shells add the number to 128. */
const signals = {
  SIGHUP: { name: 'Hangup', number: 1 },
  SIGINT: { name: 'Interrupt', number: 2 },
  SIGTERM: { name: 'Terminated', number: 15 },
} as const;

type StopSignal = keyof typeof signals;

/**
 * A key press may arrive twice, from the terminal and from a parent process such as npm. Signals that follow the first
 * one within this many milliseconds are ignored as duplicates.
 */
const duplicateMs = 300;

export class OwnedProcess {
  readonly #application: Application;
  readonly #log: (message: string) => void;
  readonly #failed: (error: unknown) => void;
  #received: { readonly signal: StopSignal; readonly at: number } | undefined;

  /** Installs the listeners. */
  constructor(application: Application, log: (message: string) => void, failed: (error: unknown) => void) {
    this.#application = application;
    this.#log = log;
    this.#failed = failed;
    for (const signal of Object.keys(signals)) process.on(signal, this.#onSignal);
    process.on('uncaughtException', this.#onError);
    process.on('unhandledRejection', this.#onError);
  }

  /** The exit code for the process, once the application has stopped. */
  get exitCode(): number {
    const { exitCode } = this.#application;
    // SIGHUP is not a request to stop: the terminal was closed. The parent process must not read that as success.
    return exitCode === 0 && this.#received?.signal === 'SIGHUP' ? exitCodeOf('SIGHUP') : exitCode;
  }

  /** Removes the listeners. */
  release(): void {
    for (const signal of Object.keys(signals)) process.off(signal, this.#onSignal);
    process.off('uncaughtException', this.#onError);
    process.off('unhandledRejection', this.#onError);
  }

  readonly #onSignal = (signal: StopSignal): void => {
    if (this.#received) {
      if (performance.now() - this.#received.at < duplicateMs) return;
      // A second signal exits the process immediately.
      process.exit(exitCodeOf(signal));
    }
    this.#received = { signal, at: performance.now() };
    this.#log(`Received signal (${signals[signal].name}) – terminating application`);
    const reason = this.#application.state === 'started' ? undefined : new StartCancelledError(signal);
    // `application.finished` rejects with the failure.
    this.#application.stop(reason).catch(() => undefined);
  };

  readonly #onError = (error: unknown): void => {
    const { state } = this.#application;
    // An application ends for one reason. Later errors are reported separately.
    if (state === 'stopping' || state === 'stopped') this.#failed(error);
    // `stop()` would use a thrown number as the exit code.
    else this.#application.stop(error instanceof Error ? error : new Error(describeThrown(error))).catch(this.#failed);
  };
}

function exitCodeOf(signal: StopSignal): number {
  return 128 + signals[signal].number;
}
