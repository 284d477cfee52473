/** `asphalt run`: loads a configuration and runs the application that it names. */
import { runApplication, type Application } from '@asphalt/core';
import { loadConfig, type LoggingSettings } from '@asphalt/core/config';
import { describeThrown } from '@asphalt/core/errors';
import { importConfigModule } from '../load/module.ts';
import { lineWriter, openLogFile } from '../terminal/log-lines.ts';
import { createLogger } from '../terminal/logger.ts';
import type { Output } from '../terminal/output.ts';
import type { ApplicationArguments } from '../load/plan.ts';
import { StartReport } from './start-report.ts';
import { prepareTypeScript } from '../load/typescript.ts';
import { WatchedRun, type WatchOptions } from './watched-run.ts';

export interface RunOptions extends WatchOptions {
  /** Is given the application when all its modules have been loaded, before it starts. */
  readonly onCreated?: (application: Application) => void;
}

/**
 * @param showFailure - tells the user of a failure and gives the exit code
 * @returns the exit code: 0 after a normal end, 1 after a failure
 */
export async function run(
  { files, set, service }: ApplicationArguments,
  { onCreated, ...watch }: RunOptions,
  stdout: Output,
  stderr: Output,
  showFailure: (error: unknown) => Promise<number>,
): Promise<number> {
  let isRead = true;
  void stdout.closed.then((error) => {
    isRead = error !== undefined;
  });
  const config = await loadConfig({
    files,
    set,
    service,
    requireRootType: true,
    collectProblems: true,
    importModule: importConfigModule,
  });
  await prepareTypeScript(config);
  // From here on only: the runtime's own modules would load more slowly, and nobody is shown their frames.
  process.setSourceMapsEnabled(true);
  const { startTimeout = defaultStartTimeoutMs, stopTimeout } = config.settings;
  // What is wrong at the top level is told as what is wrong anywhere else; the settings are not complete then.
  const logging = (config.problems.length === 0 && config.settings.logging) || standardLogging;
  const log = logging.file === undefined ? stdout : openLogFile(config, logging.file);
  const logger = createLogger(logging, await lineWriter(logging, log));
  let failure: Promise<unknown> | undefined;
  const onFailure = (error: unknown): void => {
    // Whoever took the output away has seen enough.
    if (isRead) failure = showFailure(error);
    // Whoever collects the lines has to find it among them.
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
    startTimeout,
    stopTimeout,
    logger,
    ownsProcess: true,
    onCreated: async (application) => {
      onCreated?.(application);
      isTool = application.plan.components.some(({ tasks }) => tasks.some(({ endsApplication }) => endsApplication));
      for (const signal of stopSignals) process.once(signal, interrupt);
      watched = new WatchedRun(application, watch, logger);
      report = new StartReport(application, logger, stdout, stderr);
      void Promise.race([stdout.closed, log.closed])
        .then((error) => application.stop(error))
        // What goes wrong then is told as the application's failure.
        .catch(() => undefined);
      await watched.begun;
    },
    describeStart: () => report!.summary(),
    onFailure,
  });
  for (const signal of stopSignals) process.off(signal, interrupt);
  // The output of a tool that is done is what it was run for, and may wait for a pager.
  if (!isTool || isInterrupted) for (const output of [stdout, stderr]) output.limitFlush();
  const blocking = await watched?.end();
  if (blocking && code === 0) {
    onFailure(blocking);
    code = 1;
  }
  await failure;
  return code;
}

const standardLogging: LoggingSettings = { level: 'info', levels: {}, format: undefined, file: undefined };

const isProduction = process.env['NODE_ENV'] === 'production';

const stopSignals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** Shorter than that of applications which are started from code: somebody is watching. */
const defaultStartTimeoutMs = 10_000;
