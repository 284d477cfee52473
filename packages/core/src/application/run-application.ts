/**
 * Runs an application from its check to its exit code, for programs that run only this application. It must not
 * install global listeners unless it owns the process.
 */
import type { ComponentClass } from '../component/component-options.ts';
import { Application } from './application.ts';
import type { ApplicationOptions } from './runtime.ts';
import { silentLogger, type Logger } from '../component/logger.ts';
import { planApplication, type PlanOptions } from './start-application.ts';
import { describeThrown } from '../errors/asphalt-error.ts';
import { warnOfFailure } from '../errors/warn-of-failure.ts';
import { StartCancelledError } from './start-stop-errors.ts';

export interface RunOptions extends PlanOptions, ApplicationOptions {
  /**
   * Whether SIGINT, SIGTERM and SIGHUP stop the application. A second signal then exits the process immediately, and
   * uncaught errors stop the application with exit code 1.
   *
   * @default false
   */
  readonly ownsProcess?: boolean;
  /** Called before the start, for example to subscribe to the life cycle. A returned promise is awaited. */
  readonly onCreated?: (application: Application) => void | Promise<void>;
  /** Returns a summary of the start, which follows `Application started: ` in the log. */
  readonly describeStart?: () => string;
  /**
   * Called with the error that ended the application or prevented its start, before anything is torn down. With
   * `ownsProcess`, also called with uncaught errors during the stop.
   *
   * @default writes to the logger; without one, emits a process warning
   */
  readonly onFailure?: (error: unknown) => void;
}

/**
 * Starts an application and waits until it has stopped.
 *
 * @returns the exit code: 0 after a requested stop; 1 after a failure or a stop during the start; 129 after the terminal
 *   was closed; or the code passed to `application.stop(code)` or returned by the `run` of a {@link CliComponent}
 */
export async function runApplication(root: ComponentClass | undefined, options: RunOptions = {}): Promise<number> {
  const { logger = silentLogger, onFailure = options.logger ? logged(options.logger) : warnOfFailure } = options;
  logger.info(`Running in ${process.env['NODE_ENV'] === 'production' ? 'production' : 'development'} mode`);
  const reported = new Set<unknown>();
  const failed = (error: unknown): void => {
    if (reported.has(error)) return;
    reported.add(error);
    onFailure(error);
  };
  let application: Application;
  try {
    // Reports the error that ends the application before later ones.
    application = new Application(await planApplication(root, options), options, failed);
  } catch (error) {
    failed(error);
    return 1;
  }
  // The listener of `finished` receives the error that ends the application.
  const { finished } = application;
  await options.onCreated?.(application);
  const owned = options.ownsProcess
    ? new OwnedProcess(application, (message) => logger.info(message), failed)
    : undefined;
  try {
    logger.info('Starting application');
    if (application.state !== 'initialized') {
      // Rejects with the error of a stop in `onCreated`.
      await finished;
      throw new StartCancelledError('onCreated');
    }
    await application.start();
    const { describeStart } = options;
    logger.info(`Application started${describeStart ? `: ${describeStart()}` : ''}`);
    await (options.ownsProcess ? keptAlive(finished) : finished);
  } catch (error) {
    failed(error);
    // The application has already stopped, unless the logger or `describeStart` failed.
    await application.stop(error).catch(() => undefined);
  }
  owned?.release();
  logger.info('Application stopped');
  if (reported.size > 0) return 1;
  return owned ? owned.exitCode : application.exitCode;
}

function logged(logger: Logger): (error: unknown) => void {
  return (error) => logger.error(String(error), { err: error });
}

/** Keeps the process alive until the application has stopped, even if the event loop is otherwise empty. */
async function keptAlive(finished: Promise<void>): Promise<void> {
  const timer = setInterval(() => undefined, 2 ** 31 - 1);
  try {
    await finished;
  } finally {
    clearInterval(timer);
  }
}

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

/**
 * Connects an application to a process that runs nothing else: signals and uncaught errors stop the application. It
 * depends on the application's public methods only.
 */
class OwnedProcess {
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
    if (exitCode !== 0) return exitCode;
    // SIGHUP is not a request to stop: the terminal was closed. The parent process must not read that as success.
    if (this.#received?.signal === 'SIGHUP') return exitCodeOf('SIGHUP');
    // The application's code may have set a code of its own.
    return Number(process.exitCode ?? 0);
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
