/** Where log lines go, and how they look there. */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { AsphaltError, describeThrown, type LoadedConfig, type LoggingSettings } from '@asphalt/core';
import type { LineWriter } from './logger.ts';
import type { Output } from './output.ts';
import type { Paint } from './paint.ts';
import { readableLines } from './readable-lines.ts';

/** What lines are written to. */
type LogOutput = Pick<Output, 'paint' | 'write' | 'closed'>;

/** Lines for machines in production, for people elsewhere, if nobody said otherwise. */
export async function lineWriter({ format }: Pick<LoggingSettings, 'format'>, output: LogOutput): Promise<LineWriter> {
  if ((format ?? standardFormat()) === 'pretty') return readableLines(output);
  const { jsonLines } = await import('./json-lines.ts');
  return jsonLines(output);
}

function standardFormat(): 'pretty' | 'json' {
  return process.env['NODE_ENV'] === 'production' ? 'json' : 'pretty';
}

/** Raised before anything starts when the file that the `logging` setting names cannot be written to. */
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
        help: 'name a file in a folder that is there and may be written to',
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
    // It is the system that says so; where it was asked helps nobody.
    if (error instanceof Error) error.stack = String(error);
    throw new LogFileError(file, layers.origins(['logging', 'file'])[0]?.text, error);
  }
}

/** Written through: a line is with the system before the next statement runs, so that no crash can lose it. */
class LogFile implements LogOutput {
  readonly closed: Promise<NodeJS.ErrnoException>;
  readonly #file: number;
  #close!: (error: NodeJS.ErrnoException) => void;
  #isClosed = false;

  constructor(path: string) {
    this.#file = openSync(path, 'a');
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
  }

  readonly paint: Paint = (_, text) => text;

  write(text: string): void {
    if (this.#isClosed) return;
    try {
      writeFileSync(this.#file, text);
    } catch (error) {
      this.#isClosed = true;
      closeSync(this.#file);
      this.#close(error as NodeJS.ErrnoException);
    }
  }
}
