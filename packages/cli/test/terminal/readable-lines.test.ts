import { AsphaltError } from '@asphalt/core';
import { expect, test } from 'vitest';
import type { LogLine } from '../../src/terminal/logger.ts';
import { painter } from '../../src/terminal/paint.ts';
import { readableLines } from '../../src/terminal/readable-lines.ts';

const noon = new Date(2026, 0, 2, 12, 3, 4, 5);

/** A line as it is written at three minutes past twelve. */
function written(line: Partial<LogLine>, hasColors = false): string {
  let text = '';
  const output = { paint: painter(hasColors), write: (more: string) => void (text += more) };
  readableLines(output, () => noon)({ level: 'info', path: '', message: 'Logged', data: undefined, ...line });
  return text;
}

test('a line has time, level, component and message', () => {
  expect(written({})).toBe('12:03:04.005 INFO  Logged\n');
  expect(written({ level: 'error', path: 'web.pool' })).toBe('12:03:04.005 ERROR web.pool: Logged\n');
});

test('the data follow on the same line', () => {
  const data = {
    url: 'http://127.0.0.1:8000/?a',
    title: 'A "page"',
    empty: '',
    count: 3,
    none: null,
    missing: undefined,
    at: new Date(0),
    list: [1, 'two', { three: { four: { five: {} } } }],
    big: 10n,
    lines: { text: 'a\nb' },
    map: new Map([['key', 1]]),
  };
  expect(written({ data })).toMatchInlineSnapshot(`
    "12:03:04.005 INFO  Logged url=http://127.0.0.1:8000/?a title="A \\"page\\"" empty="" count=3 none=null at=1970-01-01T00:00:00.000Z list=[ 1, 'two', { three: { four: { five: {} } } } ] big=10n lines={ text: 'a\\nb' } map=Map(1) { 'key' => 1 }
    "
  `);
});

test('cyclic and long data are cut short', () => {
  const loop: Record<string, unknown> = {};
  loop['itself'] = loop;
  expect(written({ data: { loop, many: Array.from({ length: 1000 }, () => 0) } })).toMatchInlineSnapshot(`
    "12:03:04.005 INFO  Logged loop=<ref *1> { itself: [Circular *1] } many=[ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ... 980 more items ]
    "
  `);
});

test('errors follow the line, under any key, with their stack and their causes', () => {
  const error = new TypeError('Not so', { cause: new RangeError('Too far') });
  error.stack = 'TypeError: Not so\n    at read (/app/src/read.ts:3:4)\n    at node:internal/timers:5:6';
  (error.cause as Error).stack = 'RangeError: Too far\n    at reach (/app/src/reach.ts:7:8)';
  const expected = written({ data: { error, tries: 2 } });
  expect(expected).toMatchInlineSnapshot(`
    "12:03:04.005 INFO  Logged tries=2
      TypeError: Not so
          at read (/app/src/read.ts:3:4)
      caused by RangeError: Too far
          at reach (/app/src/reach.ts:7:8)
    "
  `);
  expect(written({ data: { err: error, tries: 2 } })).toBe(expected);
  expect(written({ data: Object.assign(error) }).replace('Logged', 'Logged tries=2')).toBe(expected);
});

test('an error of the runtime that the message quotes is not repeated', () => {
  class QuotaError extends AsphaltError {
    readonly code = 'ERR_QUOTA';
  }
  const error = new QuotaError({ summary: 'The quota is used up', help: 'wait until tomorrow' });
  expect(written({ message: error.message, data: { err: error } })).toMatchInlineSnapshot(`
    "12:03:04.005 INFO  The quota is used up
        help         wait until tomorrow
        code         ERR_QUOTA
    "
  `);
  expect(written({ message: 'Mail was not sent', data: { err: error } })).toMatchInlineSnapshot(`
    "12:03:04.005 INFO  Mail was not sent
      The quota is used up
        help         wait until tomorrow
        code         ERR_QUOTA
    "
  `);
});

test('control characters are escaped', () => {
  expect(written({ message: 'GET /\u001b[2J\r', data: { agent: '\u001b]0;x\u0007', '\u001b[1m': 1 } }))
    .toMatchInlineSnapshot(`
    "12:03:04.005 INFO  GET /\\x1b[2J\\x0d agent="\\u001b]0;x\\u0007" \\x1b[1m=1
    "
  `);
});

test('a terminal shows colors', () => {
  expect(written({ level: 'warn', path: 'web', data: { count: 1 } }, true)).toMatchInlineSnapshot(`
    "[2m12:03:04.005[22m [33mWARN [39m [36mweb: [39mLogged [2mcount=1[22m
    "
  `);
});
