/**
 * Runs an application from its check to its exit code: for programs whose business is that one application.
 * Installs nothing global unless it is told that it owns the process.
 */
import type { ComponentClass } from '../component/component-class.ts';
import { Application, type ApplicationOptions } from './application.ts';
import { OwnedProcess } from './owned-process.ts';
import { silentLogger } from '../component/logger.ts';
import { planApplication, type PlanOptions } from './start-application.ts';

export interface RunOptions extends PlanOptions, ApplicationOptions {
  /**
   * SIGINT, SIGTERM and SIGHUP stop the application, a second one ends the process at once, and errors that nobody
   * caught stop it with exit code 1.
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
 *   what `application.stop(code)` or the `run` of a {@link CliComponent} said; 129 when its terminal was closed
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
  const owned = options.ownsProcess
    ? new OwnedProcess(application, (message) => logger.info(message), failed)
    : undefined;
  try {
    logger.info('Starting application');
    // Whoever stopped it before may have said why, which tells more than that it cannot start.
    if (application.state !== 'initialized') await application.finished;
    await application.start();
    const { describeStart } = options;
    logger.info(`Application started${describeStart ? `: ${describeStart()}` : ''}`);
    await (options.ownsProcess ? keptAlive(application.finished) : application.finished);
  } catch (error) {
    failed(error);
    // It has stopped already, unless it was the logger or `describeStart` that failed.
    await application.stop(error).catch(() => undefined);
  }
  owned?.release();
  logger.info('Application stopped');
  if (hasFailed) return 1;
  return owned ? owned.exitCode : application.exitCode;
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
