/** The logger of the command line: pino, readable on a terminal and in development, JSON lines in production. */
import { pino, type Logger as Pino, type Level } from 'pino';
import { default as pretty } from 'pino-pretty';
import type { LoadedConfig, Logger } from '@asphalt/core';

type LoggingSettings = LoadedConfig['settings']['logging'];

/** Kept so that the last lines are written before the process ends. */
let stream: { flushSync?: () => void } | undefined;

export function createLogger(settings: LoggingSettings): Logger {
  const level = levelOf(settings);
  const destination = process.env['NODE_ENV'] === 'production' ? pino.destination(1) : readable();
  stream = destination as { flushSync?: () => void };
  return adapt(pino({ level, base: null }, destination), '');
}

export function flushLogs(): void {
  stream?.flushSync?.();
}

function readable(): ReturnType<typeof pretty> {
  return pretty({
    colorize: process.stdout.isTTY && process.stdout.hasColors(),
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'name',
    messageFormat: (log, key) => `${typeof log['name'] === 'string' ? `${log['name']}: ` : ''}${String(log[key])}`,
    sync: true,
  });
}

function levelOf(settings: LoggingSettings): Level | 'silent' {
  const said = typeof settings === 'object' ? settings['level'] : settings;
  return typeof said === 'string' ? (said as Level) : 'info';
}

/** The message comes first in core's loggers and last in pino's. */
function adapt(log: Pino, path: string): Logger {
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, data?: object): void =>
      data ? log[level](data, message) : log[level](message);
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (name) => {
      const full = [path, name].filter((part) => part !== '').join('.');
      return adapt(log.child(full === '' ? {} : { name: full }), full);
    },
  };
}
