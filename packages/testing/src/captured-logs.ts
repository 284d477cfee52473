import type { Logger } from '@asphalt/core';

/** A line that a logger received. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** The names of the logger and its ancestors, joined by dots; for a component, its path. */
  readonly name: string;
  readonly message: string;
  /** The data of the call, with the values of `logger.child({ … })`. */
  readonly data: object | undefined;
}

/** Returns a logger and the lines that it and its children receive. */
export function captureLogs(): { readonly logger: Logger; readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  return { logger: loggerNamed('', undefined, lines), lines };
}

function loggerNamed(name: string, bindings: object | undefined, lines: LogLine[]): Logger {
  const write =
    (level: LogLine['level']) =>
    (message: unknown, data?: object): void => {
      // Code writes `.catch(this.logger.error)`.
      const text = message instanceof Error ? message.message : String(message);
      const own = data ?? (message instanceof Error ? { err: message } : undefined);
      lines.push({ level, name, message: text, data: bindings ? { ...bindings, ...own } : own });
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (what) =>
      typeof what === 'string'
        ? loggerNamed(name === '' ? what : `${name}.${what}`, bindings, lines)
        : loggerNamed(name, { ...bindings, ...what }, lines),
  };
}
