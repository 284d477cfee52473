/** The `logging` setting: a level, or a mapping with levels for parts of the application and where lines go. */
import { dirname, resolve } from 'node:path';
import { AsphaltError, nearMisses, type LoadedConfig } from '@asphalt/core';

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
const formats = ['pretty', 'json'] as const;
const keys = ['level', 'levels', 'format', 'file'];

/** The least important lines that are written; `silent` is none. */
export type Level = (typeof levels)[number];

/** Lines for people or for machines. */
export type LogFormat = (typeof formats)[number];

export interface LoggingSettings {
  readonly level: Level;
  /** By component path; they hold for the components below, too. */
  readonly levels: ReadonlyMap<string, Level>;
  /** Undefined where nobody said: then it depends on whether this is production. */
  readonly format?: LogFormat;
  /** The absolute path of the file that lines are appended to, instead of standard output. */
  readonly file?: string;
}

/** Raised before anything starts when the `logging` setting holds what cannot be. */
export class LoggingConfigError extends AsphaltError {
  readonly code = 'ERR_LOGGING_CONFIG';

  constructor(summary: string, from: string | undefined, help: string) {
    super({ summary, details: [['from', from]], help });
  }
}

/**
 * Reads the setting.
 *
 * @throws {@link LoggingConfigError} for a level, a format or a key that there is not
 */
export function loggingSettings(config: LoadedConfig): LoggingSettings {
  const { logging = 'info' } = config.settings;
  const check = <T extends string>(value: unknown, what: string, known: readonly T[], ...path: string[]): T => {
    if (known.includes(value as T)) return value as T;
    throw loggingFailure(config, path, `must be ${what}, got ${JSON.stringify(value)}`, choice(value, known));
  };
  const checkLevel = (value: unknown, ...path: string[]): Level => check(value, 'a log level', levels, ...path);

  if (typeof logging === 'string') return { level: checkLevel(logging), levels: new Map() };
  for (const key of Object.keys(logging)) {
    if (!keys.includes(key)) throw loggingFailure(config, [key], 'is not a known key', choice(key, keys));
  }
  const { level = 'info', levels: byPath = {}, format, file } = logging;
  if (typeof byPath !== 'object' || byPath === null || Array.isArray(byPath)) {
    throw loggingFailure(config, ['levels'], 'must be a mapping', 'write levels: { path.of.component: debug }');
  }
  if (file !== undefined && (typeof file !== 'string' || file === '')) {
    const got = `must be the path of a file, got ${JSON.stringify(file)}`;
    throw loggingFailure(config, ['file'], got, 'write file: var/application.log');
  }
  return {
    level: checkLevel(level, 'level'),
    levels: new Map(Object.entries(byPath).map(([path, said]) => [path, checkLevel(said, 'levels', path)])),
    ...(format === undefined ? {} : { format: check(format, 'a log format', formats, 'format') }),
    ...(file === undefined ? {} : { file: resolve(folderOf(config), file) }),
  };
}

/** Where the path of the file starts: in the folder of the file that says it, else in the working folder. */
function folderOf({ layers }: LoadedConfig): string {
  const [said] = layers.origins(['logging', 'file']);
  return said?.file === undefined ? process.cwd() : dirname(said.file);
}

/** A failure of what stands at a path below `logging`, with the place that says it. */
export function loggingFailure(
  { layers }: LoadedConfig,
  path: readonly string[],
  what: string,
  help: string,
): LoggingConfigError {
  const name = ['logging', ...path].map((key) => key.replaceAll('.', '\\.')).join('.');
  return new LoggingConfigError(`\`${name}\` ${what}`, layers.origins(['logging', ...path])[0]?.text, help);
}

function choice(said: unknown, known: readonly string[]): string {
  const [near] = nearMisses(String(said), known);
  return near === undefined ? `choose one of ${known.join(', ')}` : `did you mean ${near}?`;
}
