import type { Logger } from '@asphalt/core';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly data: object | undefined;
}

/** Returns a logger whose children share its lines, and these lines. */
export function recordingLogger(): { readonly logger: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const level = (name: LogLine['level']) => (message: string, data?: object) => {
    lines.push({ level: name, message, data });
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
