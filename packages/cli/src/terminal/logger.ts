/** The logger of the command: filters by level, and accepts any arguments. The line writers decide the format. */
import type { Logger } from '@asphalt/core';
import type { LoggingSettings, LogLevel } from '@asphalt/core/config';
import { logArguments, unreadable } from './log-arguments.ts';

export interface LogLine {
  readonly level: Exclude<LogLevel, 'silent'>;
  /** The path of the component that logs; empty for the application itself. */
  readonly path: string;
  readonly message: string;
  readonly data: object | undefined;
}

export type LineWriter = (line: LogLine) => void;

type LevelSettings = Pick<LoggingSettings, 'level' | 'levels'>;

export function createLogger(settings: LevelSettings, write: LineWriter, path = ''): Logger {
  return loggerFor(path, undefined, new Levels(settings), write);
}

/** @param bindings - added to the data of each line */
function loggerFor(path: string, bindings: object | undefined, levels: Levels, write: LineWriter): Logger {
  let { version } = levels;
  let threshold = levels.thresholdFor(path);
  const at = (level: LogLine['level']): Logger[LogLine['level']] => {
    return (message, data) => {
      if (version !== levels.version) {
        ({ version } = levels);
        threshold = levels.thresholdFor(path);
      }
      if (importance[level] < threshold) return;
      const line = logArguments(message, data);
      try {
        write({ level, path, message: line.message, data: bindings ? joined(bindings, line.data) : line.data });
      } catch (error) {
        // A value in the data throws while it is formatted.
        write({ level, path, message: line.message, data: { data: unreadable(error) } });
      }
    };
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (what) =>
      typeof what === 'string'
        ? loggerFor([path, what].filter((part) => part !== '').join('.'), bindings, levels, write)
        : loggerFor(path, joined(bindings, logArguments('', what).data), levels, write),
    setLevel: (level) => levels.set(path, level),
  };
}

function joined(bindings: object | undefined, data: object | undefined): object {
  return data instanceof Error ? { ...bindings, error: data } : { ...bindings, ...data };
}

const importance: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };

/** The name of the application in levels, which can also precede the path of a component. */
const application = 'asphalt';

/** The levels of all components, which can change while the application runs. */
class Levels {
  /** Increases with each change. Loggers compare it, because they keep their threshold. */
  version = 0;
  readonly #level: LogLevel;
  readonly #levels: Map<string, LogLevel>;

  constructor({ level, levels }: LevelSettings) {
    this.#level = level;
    this.#levels = new Map(Object.entries(levels));
  }

  set(path: string, level: LogLevel): void {
    this.#levels.set(path === '' ? application : path, level);
    this.version++;
  }

  /** Returns the lowest importance that is written for the nearest component, from `path` upward, that has a level. */
  thresholdFor(path: string): number {
    for (let above = path; above !== ''; above = above.slice(0, Math.max(0, above.lastIndexOf('.')))) {
      const own = this.#levels.get(above) ?? this.#levels.get(`${application}.${above}`);
      if (own !== undefined) return importance[own];
    }
    return importance[this.#levels.get(application) ?? this.#level];
  }
}
