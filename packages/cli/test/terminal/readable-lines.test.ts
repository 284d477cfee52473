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

test('control characters and characters that change the writing direction are escaped', () => {
  expect(
    written({
      message: 'GET /\u001b[2J\r',
      data: { agent: '\u001b]0;x\u0007', '\u001b[1m': 1, file: 'a\u202etxt.exe' },
    }),
  ).toMatchInlineSnapshot(`
    "12:03:04.005 INFO  GET /\\x1b[2J\\x0d agent="\\u001b]0;x\\u0007" \\x1b[1m=1 file=a\\u202etxt.exe
    "
  `);
});

test('the errors in an error are written below it, numbered, with their stacks and causes', () => {
  const at = <E extends Error>(error: E, place: string): E =>
    Object.assign(error, { stack: `${error.name}: ${error.message}\n    at ${place}` });
  const first = at(
    new RangeError('First', { cause: at(new Error('Deeper'), 'deep (/app/deep.ts:1:1)') }),
    'one (/app/a.ts:1:1)',
  );
  const aggregate = at(new AggregateError([first, 'a text'], 'Both failed'), 'both (/app/both.ts:1:1)');
  aggregate.errors.push(aggregate);
  expect(written({ data: aggregate })).toMatchInlineSnapshot(`
    "12:03:04.005 INFO  Logged
      AggregateError: Both failed
          at both (/app/both.ts:1:1)
        1. RangeError: First
               at one (/app/a.ts:1:1)
           caused by Error: Deeper
               at deep (/app/deep.ts:1:1)
        2. threw a non-Error value: "a text"
    "
  `);
});

test('both errors of a SuppressedError are written', () => {
  const suppressed = Object.assign(new Error('Disposal failed'), {
    name: 'SuppressedError',
    stack: 'SuppressedError: Disposal failed\n    at dispose (/app/a.ts:1:1)',
    error: 'the latest',
    suppressed: 'the first',
  });
  expect(written({ data: suppressed })).toMatchInlineSnapshot(`
    "12:03:04.005 INFO  Logged
      SuppressedError: Disposal failed
          at dispose (/app/a.ts:1:1)
        1. threw a non-Error value: "the latest"
        2. threw a non-Error value: "the first"
    "
  `);
});

test('the errors in an aggregate of many errors are limited', () => {
  const aggregate = new AggregateError(
    Array.from({ length: 5000 }, (_, index) => `Reason ${index}`),
    'All failed',
  );
  const lines = written({ data: aggregate }).trimEnd().split('\n');
  expect(lines.filter((line) => line.includes('Reason'))).toHaveLength(10);
  expect(lines.at(-1)).toBe('    and 4990 more');
});

test('a terminal shows colors', () => {
  expect(written({ level: 'warn', path: 'web', data: { count: 1 } }, true)).toMatchInlineSnapshot(`
    "[2m12:03:04.005[22m [33mWARN [39m [36mweb: [39mLogged [2mcount=1[22m
    "
  `);
});
