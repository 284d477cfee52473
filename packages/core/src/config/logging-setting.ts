/**
 * The `logging` setting: a section, or only a level. Core validates the setting but writes no logs; the command line
 * reads it.
 */
import { defineConfig, type ConfigInput, type ConfigOf } from './define.ts';
import type { ConfigProblem } from './errors.ts';
import { mapOf } from './schema.ts';

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** The lowest level that is written; `silent` writes nothing. */
export type LogLevel = (typeof logLevels)[number];

export const loggingSection = defineConfig({
  level: { doc: 'Lowest level that is written', format: logLevels, default: 'info' },
  levels: {
    doc: 'Levels by component path; each also applies to child components',
    format: mapOf(logLevels),
    default: {},
  },
  format: {
    doc: 'Readable lines, or one JSON object per line; JSON by default in production',
    format: ['pretty', 'json'],
  },
  file: { doc: 'File to append to, instead of standard output', format: 'path' },
});

/** The validated setting. */
export type LoggingSettings = ConfigOf<typeof loggingSection>;

/** The setting as code may pass it. */
export type LoggingInput = LogLevel | ConfigInput<typeof loggingSection>;

const pinoLevels: Readonly<Record<string, LogLevel>> = {
  '10': 'debug',
  '20': 'debug',
  '30': 'info',
  '40': 'warn',
  '50': 'error',
  '60': 'error',
};

/** Adds the name of the level to a problem with one of pino's level numbers. */
export function withLevelName(problem: ConfigProblem): ConfigProblem {
  const { path, got = '' } = problem;
  const level = path === 'logging.level' || path.startsWith('logging.levels.') ? pinoLevels[got] : undefined;
  return level === undefined ? problem : { ...problem, help: `levels have names: write "${level}" for pino's ${got}` };
}
