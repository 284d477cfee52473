/** `asphalt run`: loads a configuration and runs the application that it names. */
import { loadConfig, runApplication } from '@asphalt/core';
import { printFailure } from './failure.ts';
import { createLogger, flushLogs } from './logging.ts';
import { prepareTypeScript } from './typescript.ts';

export interface RunArguments {
  readonly files: readonly string[];
  readonly set: readonly string[];
  readonly service?: string;
}

/** @returns the exit code: 0 after a normal end, 1 after a failure. */
export async function run({ files, set, service }: RunArguments): Promise<number> {
  try {
    const config = await loadConfig({ files, set, service, requireRootType: true, collectProblems: true });
    await prepareTypeScript(config);
    const { startTimeout = defaultStartTimeoutMs, stopTimeout, logging } = config.settings;
    const code = await runApplication(undefined, {
      config,
      startTimeout,
      stopTimeout,
      logger: createLogger(logging),
      ownsProcess: true,
      onFailure: printFailure,
    });
    flushLogs();
    return code;
  } catch (error) {
    printFailure(error);
    return 1;
  }
}

/** Shorter than that of applications which are started from code: somebody is watching. */
const defaultStartTimeoutMs = 10_000;
