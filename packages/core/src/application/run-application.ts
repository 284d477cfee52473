/**
 * Runs an application from its check to its exit code: for programs whose business is that one application.
 * Installs nothing global unless it is told that it owns the process.
 */
import type { ComponentClass } from '../component/component-class.ts';
import { describeThrown } from '../errors/asphalt-error.ts';
import { Application, type ApplicationOptions } from './application.ts';
import { StartCancelledError } from './errors.ts';
import { silentLogger } from '../component/logger.ts';
import { planApplication, type PlanOptions } from './start-application.ts';

export interface RunOptions extends PlanOptions, ApplicationOptions {
  /**
   * SIGINT and SIGTERM stop the application, a second one ends the process at once, and errors that nobody caught
   * stop it with exit code 1.
   *
   * @default false
   */
  readonly ownsProcess?: boolean;
  /** Is given the application before it starts, to listen to its life cycle; what it promises is waited for. */
  readonly onCreated?: (application: Application) => void | Promise<void>;
  /** Says how the start went, in the words that follow `Application started: ` in the log. */
  readonly describeStart?: () => string;
  /** Told of what ended the application, or kept it from starting. @default writes to the logger */
  readonly onFailure?: (error: unknown) => void;
}

/**
 * Starts an application and waits until it has stopped.
 *
 * @returns the exit code: 0 when it ran and was told to stop, 1 when it failed or was stopped before it had started, or
 *   what `application.stop(code)` or the `run` of a {@link CliComponent} said
 */
export async function runApplication(root: ComponentClass | undefined, options: RunOptions = {}): Promise<number> {
  const { logger = silentLogger, onFailure = (error: unknown) => logger.error(String(error), { err: error }) } =
    options;
  logger.info(`Running in ${process.env['NODE_ENV'] === 'production' ? 'production' : 'development'} mode`);
  let application: Application;
  try {
    application = new Application(await planApplication(root, options), options);
  } catch (error) {
    onFailure(error);
    return 1;
  }
  await options.onCreated?.(application);
  let hasFailed = false;
  const failed = (error: unknown): void => {
    hasFailed = true;
    onFailure(error);
  };
  const release = options.ownsProcess ? ownProcess(application, (message) => logger.info(message), failed) : undefined;
  try {
    logger.info('Starting application');
    await application.start();
    const { describeStart } = options;
    logger.info(`Application started${describeStart ? `: ${describeStart()}` : ''}`);
    await (options.ownsProcess ? keptAlive(application.finished) : application.finished);
  } catch (error) {
    failed(error);
    // It has stopped already, unless it was the logger or `describeStart` that failed.
    await application.stop(error).catch(() => undefined);
  }
  release?.();
  logger.info('Application stopped');
  return hasFailed ? 1 : application.exitCode;
}

/** An application that owns the process runs until it is told to stop, also when nothing but a signal can wake it. */
async function keptAlive(finished: Promise<void>): Promise<void> {
  const timer = setInterval(() => undefined, 2 ** 31 - 1);
  try {
    await finished;
  } finally {
    clearInterval(timer);
  }
}

/**
 * A key press may arrive twice, from the terminal and from a parent process such as npm. What follows the first signal
 * within this many milliseconds is taken for the same wish.
 */
const sameWishMs = 300;

const signals = { SIGINT: 'Interrupt', SIGTERM: 'Terminated' } as const;

/** Lets signals and uncaught errors stop the application; @returns what takes the listeners away again. */
function ownProcess(
  application: Application,
  say: (message: string) => void,
  failed: (error: unknown) => void,
): () => void {
  let askedAt: number | undefined;
  const onSignal = (signal: keyof typeof signals): void => {
    if (askedAt !== undefined) {
      if (performance.now() - askedAt < sameWishMs) return;
      // Whoever asks twice does not want to wait: 128 + the signal's number, as shells count.
      process.exit(signal === 'SIGINT' ? 130 : 143);
    }
    askedAt = performance.now();
    say(`Received signal (${signals[signal]}) – terminating application`);
    // What goes wrong comes out of `application.finished`.
    const reason = application.state === 'started' ? undefined : new StartCancelledError(signal);
    application.stop(reason).catch(() => undefined);
  };
  const onError = (error: unknown): void => {
    // An application ends for one reason; what comes after that is told by itself.
    if (isEnding(application)) failed(error);
    // A thrown number is no exit code.
    else application.stop(error instanceof Error ? error : new Error(describeThrown(error))).catch(failed);
  };
  for (const signal of Object.keys(signals)) process.on(signal, onSignal);
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  return () => {
    for (const signal of Object.keys(signals)) process.off(signal, onSignal);
    process.off('uncaughtException', onError);
    process.off('unhandledRejection', onError);
  };
}

function isEnding({ state }: Application): boolean {
  return state === 'stopping' || state === 'stopped';
}
