/** Runs the application that a configuration names, for `asphalt run` and for built applications. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { runApplication, type Application, type PlanOptions } from '@asphalt/core';
import type { LoadedConfig, LoggingSettings } from '@asphalt/core/config';
import { describeThrown } from '@asphalt/core/errors';
import { lineWriter, openLogFile } from '../terminal/log-lines.ts';
import { createLogger } from '../terminal/logger.ts';
import type { Shell } from '../terminal/shell.ts';
import { StartReport } from './start-report.ts';
import { WatchedRun, type WatchOptions } from './watched-run.ts';

export interface LoadedRunOptions extends WatchOptions {
  readonly load: () => Promise<LoadedConfig>;
  readonly shell: Shell;
  /** Called with the application when all of its modules are loaded, before it starts. */
  readonly onCreated?: ((application: Application) => void) | undefined;
  /** The plan of a build. */
  readonly prepared?: PlanOptions['prepared'];
  /** A warning to log first. */
  readonly warning?: string | undefined;
}

/** Runs the application until it ends. @returns the exit code: 0 after a normal end, 1 after a failure */
export async function runLoaded(options: LoadedRunOptions): Promise<number> {
  const { stdout, stderr, showFailure } = options.shell;
  let isRead = true;
  void stdout.closed.then((error) => {
    isRead = error !== undefined;
  });
  const config = await options.load();
  // Not earlier: source maps slow down the loading of the runtime's own modules, whose frames are never shown.
  process.setSourceMapsEnabled(true);
  const { startTimeout = defaultStartTimeoutMs, stopTimeout } = config.settings;
  // The plan reports problems at the top level with all others. The settings are incomplete if there are problems.
  const logging = (config.problems.length === 0 && config.settings.logging) || standardLogging;
  const log = logging.file === undefined ? stdout : openLogFile(config, logging.file);
  const logger = createLogger(logging, await lineWriter(logging, log));
  if (options.warning !== undefined) logger.warn(options.warning);
  let failure: Promise<unknown> | undefined;
  const onFailure = (error: unknown): void => {
    // No reader is left if the output was closed.
    if (isRead) failure = showFailure(error);
    // Collected logs must contain the failure.
    if (isProduction) logger.error(describeThrown(error), { err: error });
  };
  let watched: WatchedRun | undefined;
  let report: StartReport | undefined;
  let isTool = false;
  let isInterrupted = false;
  const interrupt = (): void => {
    isInterrupted = true;
  };
  let code = await runApplication(undefined, {
    config,
    prepared: options.prepared,
    startTimeout,
    stopTimeout,
    logger,
    ownsProcess: true,
    onCreated: async (application) => {
      options.onCreated?.(application);
      isTool = application.plan.components.some(({ tasks }) => tasks.some(({ endsApplication }) => endsApplication));
      for (const signal of stopSignals) process.once(signal, interrupt);
      watched = new WatchedRun(application, options, logger);
      report = new StartReport(application, logger, options.shell);
      void Promise.race([stdout.closed, log.closed])
        .then((error) => application.stop(error))
        // The application reports a failing stop itself.
        .catch(() => undefined);
      await watched.ready;
    },
    describeStart: () => report!.summary(),
    onFailure,
  });
  for (const signal of stopSignals) process.off(signal, interrupt);
  // A later error must not end the process before the failure is printed.
  for (const event of lateErrors) process.on(event, onFailure);
  // A finished tool may wait for a pager: its output is the reason it was run.
  if (!isTool || isInterrupted) for (const output of [stdout, stderr]) output.limitFlush();
  const blocking = await watched?.end();
  if (blocking && code === 0) {
    onFailure(blocking);
    code = 1;
  }
  // Code that waits for the end of the application, such as a caller of `stop()`, runs before the process exits.
  await nextTurn();
  await failure;
  for (const event of lateErrors) process.off(event, onFailure);
  return code;
}

const standardLogging: LoggingSettings = { level: 'info', levels: {}, format: undefined, file: undefined };

const isProduction = process.env['NODE_ENV'] === 'production';

const lateErrors = ['uncaughtException', 'unhandledRejection'] as const;

const stopSignals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** Shorter than the limit of applications that code starts, because a user is waiting. */
const defaultStartTimeoutMs = 10_000;
