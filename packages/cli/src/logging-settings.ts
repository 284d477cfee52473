/** The `logging` setting: a level, or a level with others for parts of the tree of components. */
import { AsphaltError, nearMisses, type LoadedConfig } from '@asphalt/core';

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** The least important lines that are written; `silent` is none. */
export type Level = (typeof levels)[number];

export interface LoggingSettings {
  readonly level: Level;
  /** By component path; they hold for the components below, too. */
  readonly levels: ReadonlyMap<string, Level>;
}

interface Fault {
  readonly path: readonly string[];
  readonly what: string;
  readonly help: string;
}

/** Raised before anything starts when the `logging` setting holds something else than levels. */
export class LoggingConfigError extends AsphaltError {
  readonly code = 'ERR_LOGGING_CONFIG';

  constructor(summary: string, from: string | undefined, help: string) {
    super({ summary, details: [['from', from]], help });
  }
}

/**
 * Reads the setting.
 *
 * @throws {@link LoggingConfigError} for a level or a key that there is not
 */
export function loggingSettings({ settings, layers }: LoadedConfig): LoggingSettings {
  const { logging = 'info' } = settings;
  const check = (value: unknown, ...path: string[]): Level => {
    if (isLevel(value)) return value;
    throw failure({ path, what: `must be a log level, got ${JSON.stringify(value)}`, help: choice(value, levels) });
  };
  const failure = ({ path, what, help }: Fault): LoggingConfigError =>
    new LoggingConfigError(
      `\`${['logging', ...path].map((key) => key.replaceAll('.', '\\.')).join('.')}\` ${what}`,
      layers.origins(['logging', ...path])[0]?.text,
      help,
    );

  if (typeof logging === 'string') return { level: check(logging), levels: new Map() };
  for (const key of Object.keys(logging)) {
    if (key !== 'level' && key !== 'levels')
      throw failure({ path: [key], what: 'is not a known key', help: choice(key, ['level', 'levels']) });
  }
  const { level = 'info', levels: byPath = {} } = logging;
  if (typeof byPath !== 'object' || byPath === null || Array.isArray(byPath)) {
    throw failure({ path: ['levels'], what: 'must be a mapping', help: 'write levels: { path.of.component: debug }' });
  }
  return {
    level: check(level, 'level'),
    levels: new Map(Object.entries(byPath).map(([path, said]) => [path, check(said, 'levels', path)])),
  };
}

function isLevel(value: unknown): value is Level {
  return levels.includes(value as Level);
}

function choice(said: unknown, known: readonly string[]): string {
  const [near] = nearMisses(String(said), known);
  return near === undefined ? `choose one of ${known.join(', ')}` : `did you mean ${near}?`;
}
