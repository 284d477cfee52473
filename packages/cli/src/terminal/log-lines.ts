/** Chooses the destination and the format of log lines. */
import { constants, openSync } from 'node:fs';
import { AsphaltError } from '@asphalt/core';
import type { LoadedConfig, LoggingSettings } from '@asphalt/core/config';
import { describeThrown } from '@asphalt/core/errors';
import type { LineWriter } from './logger.ts';
import type { Output } from './output.ts';
import { LineQueue } from './line-queue.ts';
import type { Paint } from './paint.ts';
import { readableLines } from './readable-lines.ts';

type LogOutput = Pick<Output, 'paint' | 'write' | 'onLoss' | 'closed'>;

/** Returns a writer for the configured format: by default JSON in production, and readable lines elsewhere. */
export async function lineWriter({ format }: Pick<LoggingSettings, 'format'>, output: LogOutput): Promise<LineWriter> {
  const isPretty = (format ?? standardFormat()) === 'pretty';
  const write = isPretty ? readableLines(output) : (await import('./json-lines.ts')).jsonLines(output);
  output.onLoss((lines) => {
    const message = `${lossText(lines)} dropped because their reader is too slow`;
    write({ level: 'warn', path: '', message, data: undefined });
  });
  return write;
}

function lossText(lines: number): string {
  return lines === 1 ? '1 log line was' : `${lines.toLocaleString('en-US')} log lines were`;
}

function standardFormat(): 'pretty' | 'json' {
  return process.env['NODE_ENV'] === 'production' ? 'json' : 'pretty';
}

/** Raised before the start if the file of the `logging` setting cannot be written. */
export class LogFileError extends AsphaltError {
  readonly code = 'ERR_LOG_FILE';

  constructor(
    readonly file: string,
    from: string | undefined,
    cause: unknown,
  ) {
    super(
      {
        summary: `Cannot write to the log file: ${describeThrown(cause)}`,
        details: [['from', from]],
        help: 'name a file in an existing folder that you may write to',
      },
      { cause },
    );
  }
}

/**
 * Opens the file that lines are appended to.
 *
 * @throws {@link LogFileError} when it cannot be written to
 */
export function openLogFile({ layers }: LoadedConfig, file: string): LogOutput {
  try {
    return new LogFile(file);
  } catch (error) {
    // The error is the system's, and its stack would point into this file.
    if (error instanceof Error) error.stack = String(error);
    throw new LogFileError(file, layers.origins(['logging', 'file'])[0]?.text, error);
  }
}

/** A log file, which may be a named pipe or a terminal with a slow reader. */
class LogFile extends LineQueue {
  readonly paint: Paint = (_, text) => text;

  constructor(path: string) {
    const { O_APPEND, O_CREAT, O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
    super(openSync(path, O_APPEND | O_CREAT | O_WRONLY | O_NONBLOCK | O_NOCTTY));
  }
}
