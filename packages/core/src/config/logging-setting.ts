/**
 * The `logging` setting: a section, in whose place a level may stand alone. Core writes no logs itself; whoever does, such
 * as the command line, reads what was checked here.
 */
import { defineConfig, type ConfigInput, type ConfigOf } from './define.ts';
import type { ConfigProblem } from './errors.ts';
import { mapOf } from './nested.ts';

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** The least important lines that are written; `silent` is none. */
export type LogLevel = (typeof levels)[number];

export const loggingSection = defineConfig({
  level: { doc: 'The least important lines that are written', format: levels, default: 'info' },
  levels: {
    doc: 'Levels by component path; they hold for the components below, too',
    format: mapOf(levels),
    default: {},
  },
  format: {
    doc: 'Lines for people, or one JSON object each; by default JSON in production',
    format: ['pretty', 'json'],
  },
  file: { doc: 'The file that lines are appended to, instead of standard output', format: 'path' },
});

/** The setting as it was checked. */
export type LoggingSettings = ConfigOf<typeof loggingSection>;

/** What code may say. */
export type LoggingInput = LogLevel | ConfigInput<typeof loggingSection>;

const pinoLevels: Readonly<Record<string, LogLevel>> = {
  '10': 'debug',
  '20': 'debug',
  '30': 'info',
  '40': 'warn',
  '50': 'error',
  '60': 'error',
};

/** Names the level that somebody means who gives a number. */
export function withLevelName(problem: ConfigProblem): ConfigProblem {
  const { path, got = '' } = problem;
  const level = path === 'logging.level' || path.startsWith('logging.levels.') ? pinoLevels[got] : undefined;
  return level === undefined
    ? problem
    : { ...problem, help: `levels have names here: write "${level}" for pino's ${got}` };
}
