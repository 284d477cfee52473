import { AsphaltError } from '@asphalt/core';
import { expect, test } from 'vitest';
import { jsonLines } from '../../src/terminal/json-lines.ts';
import type { LogLine } from '../../src/terminal/logger.ts';

function written(line: Partial<LogLine>): { text: string; fields: Record<string, unknown> } {
  let text = '';
  jsonLines({ write: (more) => void (text += more) })({
    level: 'info',
    path: '',
    message: 'Said',
    data: undefined,
    ...line,
  });
  return { text, fields: JSON.parse(text) as Record<string, unknown> };
}

test('a line is one object with level, time, component, data and message', () => {
  const { text, fields } = written({ level: 'warn', path: 'web', data: { count: 1 } });
  expect(text.endsWith('}\n')).toBe(true);
  expect(fields).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    component: 'web',
    count: 1,
    msg: 'Said',
  });
});

test('data cannot replace the fields of the line', () => {
  const { text, fields } = written({ path: 'web', data: { level: 1, time: 2, component: 'sql', msg: 'Else' } });
  expect(fields).toMatchObject({
    level: 'info',
    component: 'web',
    msg: 'Said',
    level_: 1,
    time_: 2,
    component_: 'sql',
    msg_: 'Else',
  });
  expect(text.match(/"(level|time|component|msg)":/g)).toHaveLength(4);
});

test('errors keep type, message and stack, under any key', () => {
  const expected = { type: 'TypeError', message: 'Not so', stack: expect.stringContaining('json-lines.test.ts') };
  const error = new TypeError('Not so');
  expect(written({ data: { error } }).fields['error']).toEqual(expected);
  expect(written({ data: { err: error } }).fields['err']).toEqual(expected);
  expect(written({ data: error }).fields['err']).toEqual(expected);
});

test('the errors in an error are kept, also in errors of the runtime', () => {
  class ManyError extends AsphaltError {
    readonly code = 'ERR_MANY';
    readonly internals = { secret: 'not for logs' };
    constructor(readonly errors: readonly unknown[]) {
      super({ summary: 'Many failed' }, { cause: errors[0] });
    }
  }
  const many = new ManyError([{ component: 'web', error: new RangeError('Too far') }, new TypeError('Not so'), null]);
  const aggregate = new AggregateError([many, 'a text'], 'All failed');
  aggregate.errors.push(aggregate);
  const { fields, text } = written({ data: aggregate });
  expect(fields['err']).toMatchObject({
    type: 'AggregateError',
    message: 'All failed',
    aggregateErrors: [
      {
        type: 'ManyError',
        code: 'ERR_MANY',
        errors: [
          { type: 'RangeError', message: 'Too far' },
          { type: 'TypeError', message: 'Not so' },
        ],
      },
      'a text',
    ],
  });
  expect(text).not.toContain('not for logs');
});

test('cyclic data is written', () => {
  const loop: Record<string, unknown> = {};
  loop['itself'] = loop;
  expect(written({ data: { loop } }).fields['loop']).toEqual({ itself: '[Circular]' });
});

test('a big integer is a number, and a value that JSON cannot contain is omitted', () => {
  const { text, fields } = written({ data: { big: 2n ** 60n, none: undefined, call: () => 1, not: NaN } });
  expect(text).toContain('"big":1152921504606846976,');
  expect(Object.keys(fields)).toEqual(['level', 'time', 'big', 'not', 'msg']);
  expect(fields['not']).toBeNull();
});
