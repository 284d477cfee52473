import type { Logger } from '@asphalt/core';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  /** The property `error` of the data. */
  readonly error: unknown;
}

/** Returns a logger whose children share its lines, and these lines. */
export function recordingLogger(): { readonly logger: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const level =
    (name: LogLine['level']) =>
    (message: string, data: { readonly error?: unknown } = {}) => {
      lines.push({ level: name, message, error: data.error });
    };
  const logger: Logger = {
    debug: level('debug'),
    info: level('info'),
    warn: level('warn'),
    error: level('error'),
    child: () => logger,
  };
  return { logger, lines };
}
