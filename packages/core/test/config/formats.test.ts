import type { StandardSchema, ValueFormat } from '@asphalt/core';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseValue, type FoundValue } from '../../src/config/formats.ts';
import type { StandardResult } from '../../src/config/schema.ts';

const found: FoundValue = { folder: () => '/etc/app' };

const cases: readonly (readonly [ValueFormat, readonly (readonly [unknown, unknown])[], readonly unknown[]])[] = [
  [
    'string',
    [
      ['', ''],
      ['text', 'text'],
    ],
    [1, true, [], {}],
  ],
  [
    'number',
    [
      [1.5, 1.5],
      ['-1.5e3', -1500],
      ['.5', 0.5],
    ],
    ['12abc', '', ' 1', 'Infinity', '0x10', NaN, Infinity, true],
  ],
  [
    'int',
    [
      [7, 7],
      ['-7', -7],
      ['1e3', 1000],
    ],
    [1.5, '1.5', '12abc', 2 ** 53, ''],
  ],
  [
    'port',
    [
      [0, 0],
      ['65535', 65535],
    ],
    [-1, 65536, '80a', 80.5, ''],
  ],
  [
    'boolean',
    [
      [true, true],
      ['true', true],
      ['false', false],
    ],
    ['no', '0', '', 'True', 0, 1],
  ],
  [
    'duration',
    [
      [250, 250],
      ['250', 250],
      ['250ms', 250],
      ['1.5s', 1500],
      ['5m', 300_000],
      ['2 h', 7_200_000],
      ['1d', 86_400_000],
    ],
    [-1, '-1s', 'ten seconds', '1h30m', '5 parsecs', NaN, ''],
  ],
  [
    'bytes',
    [
      [512, 512],
      ['10kb', 10_000],
      ['1MiB', 1_048_576],
      ['1.5 KiB', 1_536],
    ],
    [-1, 0.5, '1.0001kb', '10x'],
  ],
  [
    'url',
    [
      ['https://example.org', 'https://example.org'],
      ['file:app.db', 'file:app.db'],
      ['postgres://db/app', 'postgres://db/app'],
    ],
    ['example.org', '/path', 'localhost:8000', 'db.example.org:5432/app', 1, ''],
  ],
  [
    'path',
    [
      ['a/b', '/etc/app/a/b'],
      ['../x', '/etc/x'],
      ['/var/x', '/var/x'],
    ],
    ['', 1, 'a\0b'],
  ],
  [
    'object',
    [
      [{ a: 1 }, { a: 1 }],
      ['{"a":1}', { a: 1 }],
    ],
    ['a=1', '[1]', [], 1, new Date()],
  ],
  ['binary', [[new Uint8Array([1]), new Uint8Array([1])]], ['text', [1]]],
  [['smtp', 'file'], [['smtp', 'smtp']], ['SMTP', 'smpt', 1]],
  [
    [1, 2],
    [
      [1, 1],
      ['2', 2],
    ],
    ['3', 3],
  ],
];

describe.each(cases)('format %j', (format, good, bad) => {
  test.each(good)('reads %j as %j', (raw, value) => {
    expect(parseValue(format, raw, found)).toEqual({ value });
  });
  test.each(bad.map((value) => [value]))('rejects %j', (raw) => {
    expect(parseValue(format, raw, found)).toHaveProperty('expected', expect.stringMatching(/^must be /));
  });
});

test('a schema receives the text of --set if it accepts text, otherwise the number, boolean or data in it', () => {
  const typed = (format: StandardSchema, text: string, raw: unknown = text) =>
    parseValue(format, raw, { ...found, typed: text });
  expect(typed(z.string(), '007')).toEqual({ value: '007' });
  expect(typed(z.string(), '[a] # b', ['a'])).toEqual({ value: '[a] # b' });
  expect(typed(z.number(), '5')).toEqual({ value: 5 });
  expect(typed(z.number(), '5 # five')).toHaveProperty('expected');
  expect(typed(z.boolean(), 'true')).toEqual({ value: true });
  expect(typed(z.object({ a: z.number() }), '{ a: 1 }', { a: 1 })).toEqual({ value: { a: 1 } });
});

test('a list of choices suggests the nearest choice', () => {
  expect(parseValue(['smtp', 'file'], 'SMTP', found)).toEqual({
    expected: 'must be one of "smtp", "file"',
    help: 'did you mean "smtp"?',
  });
});

test('the format `object` returns a frozen copy', () => {
  const given = { headers: [{ a: 1 }] };
  const parsed = parseValue('object', given, found) as { readonly value: typeof given };
  expect(parsed.value).toEqual(given);
  expect(Object.isFrozen(parsed.value.headers[0])).toBe(true);
  expect(Object.isFrozen(given)).toBe(false);
});

describe('a Standard Schema', () => {
  function schemaOf(validate: (value: unknown) => StandardResult<unknown> | Promise<StandardResult<unknown>>) {
    return { '~standard': { version: 1, vendor: 'test', validate } } satisfies StandardSchema;
  }

  test('validates and converts the value', () => {
    const parsed = parseValue(
      schemaOf((value) => ({ value: [value] })),
      1,
      found,
    );
    expect(parsed).toEqual({ value: [1] });
    expect(Object.isFrozen((parsed as { readonly value: unknown }).value)).toBe(true);
  });

  test('reports its issues as the detail', () => {
    const issues = [{ message: 'too short' }, { message: 'not a number', path: ['a', { key: 0 }] }];
    expect(
      parseValue(
        schemaOf(() => ({ issues })),
        1,
        found,
      ),
    ).toEqual({
      expected: 'must match its schema',
      detail: 'too short; `a.0`: not a number',
    });
  });

  test('may be a function', () => {
    const schema = Object.assign(
      () => undefined,
      schemaOf((value) => ({ value })),
    );
    expect(parseValue(schema, 'x', found)).toEqual({ value: 'x' });
  });

  test('may throw, which is a problem of the option and not a crash', () => {
    const schema = schemaOf(() => {
      throw new TypeError('no such thing');
    });
    expect(parseValue(schema, 1, found)).toHaveProperty('detail', 'the schema threw: TypeError: no such thing');
  });

  test('must be synchronous, and a later rejection is ignored', () => {
    const parsed = parseValue(
      schemaOf(() => Promise.reject(new Error('late'))),
      1,
      found,
    );
    expect(parsed).toHaveProperty('expected', 'must have a synchronous schema');
  });
});
