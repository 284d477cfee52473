/** The logger of the command line: decides what is written; how it looks is the business of the line writers. */
import type { Logger } from '@asphalt/core';
import type { LoggingSettings, LogLevel } from '@asphalt/core/config';

export interface LogLine {
  readonly level: Exclude<LogLevel, 'silent'>;
  /** The component that says it; empty for the application itself. */
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
    return (message, data) => write({ level, path, message, data });
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

/** How levels may call the application itself, and begin the path of any component. */
const application = 'asphalt';

/** That of the nearest component above for which a level is set. */
function levelFor(path: string, { level, levels }: LevelSettings): LogLevel {
  const said = (name: string): LogLevel | undefined => (Object.hasOwn(levels, name) ? levels[name] : undefined);
  for (let above = path; above !== ''; above = above.slice(0, Math.max(0, above.lastIndexOf('.')))) {
    const own = said(above) ?? said(`${application}.${above}`);
    if (own !== undefined) return own;
  }
  return said(application) ?? level;
}
