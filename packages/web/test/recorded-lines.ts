import type { Logger } from '@asphalt/core';

export interface DataLine {
  readonly level: string;
  readonly message: string;
  /** The data of the line, with the bindings of its logger. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Returns a logger that records the data of lines. Names of children are in the property `path`. */
export function dataLogger(): { readonly logger: Logger; readonly lines: DataLine[] } {
  const lines: DataLine[] = [];
  const loggerWith = (bindings: object): Logger => {
    const at =
      (level: string) =>
      (message: string, data: object = {}) => {
        lines.push({ level, message, data: { ...bindings, ...data } });
      };
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (what) => loggerWith({ ...bindings, ...(typeof what === 'string' ? { path: what } : what) }),
    };
  };
  return { logger: loggerWith({}), lines };
}
