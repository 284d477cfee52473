import type { Logger } from '@asphalt/core';

/** A line that a logger received. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** The names of the logger and its ancestors, joined by dots; for a component, its path. */
  readonly name: string;
  readonly message: string;
  readonly data: object | undefined;
}

/** Returns a logger and the lines that it and its children receive. */
export function captureLogs(): { readonly logger: Logger; readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  return { logger: loggerNamed('', lines), lines };
}

function loggerNamed(name: string, lines: LogLine[]): Logger {
  const write =
    (level: LogLine['level']) =>
    (message: unknown, data?: object): void => {
      // Code writes `.catch(this.logger.error)`.
      const text = message instanceof Error ? message.message : String(message);
      lines.push({
        level,
        name,
        message: text,
        data: data ?? (message instanceof Error ? { err: message } : undefined),
      });
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (child) => loggerNamed(name === '' ? child : `${name}.${child}`, lines),
  };
}
