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
  const threshold = importance[levelFor(path, settings)];
  const at = (level: LogLine['level']): Logger[LogLine['level']] => {
    if (importance[level] < threshold) return ignore;
    return (message, data) => {
      const line = logArguments(message, data);
      try {
        write({ level, path, ...line });
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
    child: (name) => createLogger(settings, write, [path, name].filter((part) => part !== '').join('.')),
  };
}

const importance: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };

function ignore(): void {}

/** The name of the application in levels, which can also precede the path of a component. */
const application = 'asphalt';

/** Returns the level of the nearest component, from `path` upward, that has one. */
function levelFor(path: string, { level, levels }: LevelSettings): LogLevel {
  const levelOf = (name: string): LogLevel | undefined => (Object.hasOwn(levels, name) ? levels[name] : undefined);
  for (let above = path; above !== ''; above = above.slice(0, Math.max(0, above.lastIndexOf('.')))) {
    const own = levelOf(above) ?? levelOf(`${application}.${above}`);
    if (own !== undefined) return own;
  }
  return levelOf(application) ?? level;
}
