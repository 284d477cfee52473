/**
 * Writes readable log lines: time, level, component and message, then the data as `key=value` on the same line, and the
 * stacks of errors below it.
 */
import { inspect } from 'node:util';
import { AsphaltError } from '@asphalt/core';
import { unreadable } from './log-arguments.ts';
import type { LineWriter, LogLine } from './logger.ts';
import type { Output } from './output.ts';
import type { Paint } from './paint.ts';
import { printable } from './printable.ts';
import { causeStacks, stackText } from './stack-text.ts';

export function readableLines(output: Pick<Output, 'paint' | 'write'>, now = () => new Date()): LineWriter {
  return (line) => {
    const kind = line.level === 'error' ? 'error' : 'line';
    output.write(`${readableLine(line, now(), output.paint)}\n`, kind);
  };
}

const marks = {
  debug: ['DEBUG', 'blue'],
  info: ['INFO ', 'green'],
  warn: ['WARN ', 'yellow'],
  error: ['ERROR', 'red'],
} as const;

function readableLine({ level, path, message, data = {} }: LogLine, now: Date, paint: Paint): string {
  const [mark, color] = marks[level];
  const entries = data instanceof Error ? [['error', data] as const] : Object.entries(data);
  const pairs = entries
    .filter(([, value]) => value !== undefined && !(value instanceof Error))
    .map(([key, value]) => paint('dim', `${printable(key)}=${valueText(value)}`));
  const first = [
    paint('dim', timeOf(now)),
    paint(color, mark),
    `${path === '' ? '' : paint('cyan', `${path}: `)}${indented(printable(message))}`,
    ...pairs,
  ].join(' ');
  const errors = entries.flatMap(([, value]) => (value instanceof Error ? errorTexts(value, message) : []));
  return [first, ...errors.map((text) => paint('dim', `  ${indented(printable(text))}`))].join('\n');
}

/** Returns the text of an error without the part that the message already quotes. */
function errorTexts(error: Error, message: string): string[] {
  if (!AsphaltError.is(error)) return [stackText(error)];
  return [...(message.includes(error.summary) ? [] : [error.message]), ...causeStacks(error)];
}

function timeOf(now: Date): string {
  const [hours, minutes, seconds] = [now.getHours(), now.getMinutes(), now.getSeconds()].map((n) =>
    String(n).padStart(2, '0'),
  );
  return `${hours}:${minutes}:${seconds}.${String(now.getMilliseconds()).padStart(3, '0')}`;
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return printable(/^[^\s"'=\p{Cc}]+$/u.test(value) ? value : JSON.stringify(value));
  const limits = { breakLength: Infinity, depth: 3, maxArrayLength: 20, maxStringLength: 200 };
  try {
    return printable(inspect(value, { ...limits, compact: true }).replace(/\s*\n\s*/g, ' '));
  } catch (error) {
    return printable(unreadable(error));
  }
}

function indented(text: string): string {
  return text.replaceAll('\n', '\n  ');
}
