/** Where log lines go, and how they look there. */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { describeThrown, type LoadedConfig } from '@asphalt/core';
import type { LineWriter } from './logger.ts';
import { loggingFailure, type LoggingSettings } from './logging-settings.ts';
import type { Output } from './output.ts';
import type { Paint } from './paint.ts';
import { readableLines } from './readable-lines.ts';

/** What lines are written to. */
type LogOutput = Pick<Output, 'paint' | 'write' | 'closed'>;

/** Lines for machines in production, for people elsewhere, if nobody said otherwise. */
export async function lineWriter({ format }: LoggingSettings, output: LogOutput): Promise<LineWriter> {
  if ((format ?? standardFormat()) === 'pretty') return readableLines(output);
  const { jsonLines } = await import('./json-lines.ts');
  return jsonLines(output);
}

function standardFormat(): 'pretty' | 'json' {
  return process.env['NODE_ENV'] === 'production' ? 'json' : 'pretty';
}

/**
 * Opens the file that lines are appended to.
 *
 * @throws {@link LoggingConfigError} when it cannot be written to
 */
export function openLogFile(config: LoadedConfig, file: string): LogOutput {
  try {
    return new LogFile(file);
  } catch (error) {
    const what = `cannot be written to: ${describeThrown(error)}`;
    throw loggingFailure(config, ['file'], what, 'name a file in a folder that is there and may be written to');
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
