import { defineConfig, type ConfigSchema, type Format, type StandardSchema, type ValueFormat } from '@asphalt/core';
import { loadConfig, LoadedConfig, type ConfigProblem } from '@asphalt/core/config';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { validated } from './validated.ts';

/** Returns the value that a component receives for an option of this format, or the problem. */
async function parse(format: Format, raw: unknown): Promise<{ value: unknown } | { problem: ConfigProblem }> {
  return parseIn(format, LoadedConfig.fromObject({ option: raw }, { env: {}, cwd: '/etc/app' }));
}

/** Like {@link parse}, for text after `--set`. */
async function parseText(format: Format, text: string): Promise<{ value: unknown } | { problem: ConfigProblem }> {
  return parseIn(format, await loadConfig({ set: [`component.option=${text}`], env: {} }));
}

async function parseIn(format: Format, config: LoadedConfig) {
  const schema: ConfigSchema = defineConfig({ option: { doc: 'An option', format } });
  const { value, problems } = await validated(schema, config);
  return problems.length > 0 ? { problem: problems[0]! } : { value: (value as { option: unknown }).option };
}

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
    ['no', '0', '', 'True', 'TRUE', 0, 1],
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
      ['1w', 604_800_000],
      ['5 minutes', 300_000],
      ['10 seconds', 10_000],
      ['1 hour', 3_600_000],
      ['7 days', 604_800_000],
      ['1 week', 604_800_000],
      ['1.5 Hours', 5_400_000],
      ['5min', 300_000],
      ['0.1s', 100],
      ['1.1s', 1100],
    ],
    [-1, '-1s', 'ten seconds', '1h30m', '5 parsecs', '5 constructor', '1 month', '2 years', NaN, ''],
  ],
  [
    'bytes',
    [
      [512, 512],
      ['10kb', 10_000],
      ['1MiB', 1_048_576],
      ['1.5 KiB', 1_536],
      ['4.1MB', 4_100_000],
      ['2.3mb', 2_300_000],
      ['1.1kb', 1_100],
      ['9007199254.740991MB', Number.MAX_SAFE_INTEGER],
    ],
    [-1, 0.5, '1.0001kb', '10x', '9007199254.740992MB'],
  ],
  [
    'url',
    [
      ['https://example.org', 'https://example.org'],
      ['file:app.db', 'file:app.db'],
      ['postgres://db/app', 'postgres://db/app'],
      ['postgres:///app?host=/run', 'postgres:///app?host=/run'],
      ['http://[::1]:80/?a=b#c', 'http://[::1]:80/?a=b#c'],
      ['urn:isbn:1', 'urn:isbn:1'],
      ['mailto:ada@example.org', 'mailto:ada@example.org'],
    ],
    [
      'example.org',
      '/path',
      'localhost:8000',
      'localhost:8000?a=b',
      'db.example.org:5432/app',
      ' http://x',
      'http://x ',
      'http://x\n',
      'http://x/a b',
      'http://x/\ta',
      'C:\\x',
      'c:/x',
      'http:example.org',
      'http:/example.org',
      'http:\\\\example.org',
      'https:///example.org',
      'redis:',
      1,
      '',
    ],
  ],
  [
    'email',
    [
      ['a@b', 'a@b'],
      ['ada.lovelace+news@example.org', 'ada.lovelace+news@example.org'],
      ['jürgen@müller.example', 'jürgen@müller.example'],
      [`${'a'.repeat(64)}@example.org`, `${'a'.repeat(64)}@example.org`],
    ],
    [
      'a@b..c',
      '.a@b.co',
      'a.@b.co',
      'a..b@c.de',
      `${'a'.repeat(65)}@example.org`,
      'a@-b.de',
      'a@b-.de',
      `a@${'b'.repeat(64)}.de`,
      `a@${'b.'.repeat(130)}de`,
      'a@b.',
      'a@.b',
      'a\0b@c.de',
      'a b@c.de',
      '"a b"@c.de',
      'Ada <ada@example.org>',
      'a@b@c',
      'a',
      '',
      1,
    ],
  ],
  [
    'path',
    [
      ['a/b', '/etc/app/a/b'],
      ['../x', '/etc/x'],
      ['/var/x', '/var/x'],
      ['./~/x', '/etc/app/~/x'],
      ['~x$y', '/etc/app/~x$y'],
    ],
    ['', 1, 'a\0b', '~', '~/data.db', '$HOME/data.db', '${HOME}/data.db', 'data.db ', ' data.db'],
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
  [
    [1, '1', 2, '02'],
    [
      ['1', '1'],
      [1, 1],
      ['2', 2],
      ['02', '02'],
    ],
    ['3', '01'],
  ],
];

describe.each(cases)('format %j', (format, good, bad) => {
  test.each(good)('reads %j as %j', async (raw, value) => {
    expect(await parse(format, raw)).toEqual({ value });
  });
  test.each(bad.map((value) => [value]))('rejects %j', async (raw) => {
    const message = expect.stringMatching(/^must be /) as string;
    expect(await parse(format, raw)).toMatchObject({ problem: { message } });
  });
});

test('a schema receives the text of --set if it accepts text, otherwise the number, boolean or data in it', async () => {
  expect(await parseText(z.string(), '007')).toEqual({ value: '007' });
  expect(await parseText(z.string(), '[a] # b')).toEqual({ value: '[a] # b' });
  expect(await parseText(z.number(), '5')).toEqual({ value: 5 });
  expect(await parseText(z.number(), '5 # five')).toHaveProperty('problem');
  expect(await parseText(z.boolean(), 'true')).toEqual({ value: true });
  expect(await parseText(z.object({ a: z.number() }), '{ a: 1 }')).toEqual({ value: { a: 1 } });
});

test.each<[Format, unknown, string]>([
  ['boolean', 'TRUE', 'write `true`'],
  ['boolean', 'off', 'write `false`'],
  ['int', '12\r', 'remove the white space around it'],
  ['boolean', 1, 'write `true`'],
  ['duration', '1h30m', 'use one unit: "90m" instead of "1h30m"'],
  ['duration', '2 months', 'use days or weeks: months and years differ in length'],
  ['url', ' http://example.org', 'remove the white space, or write a space as %20'],
  ['url', 'C:\\data', 'write a path as a file URL, such as "file:///C:/data"'],
  ['url', 'localhost:8000', 'add the scheme, such as https://'],
  ['url', 'example.org/a', 'add the scheme, such as https://'],
  ['email', 'Ada <ada@example.org>', 'write only the address, without a name and brackets'],
])('format %j explains how to correct %j', async (format, raw, help) => {
  expect(await parse(format, raw)).toMatchObject({ problem: { help } });
});

test('every decimal size is exact', async () => {
  const sizes = fc.bigInt({ min: 0n, max: BigInt(Number.MAX_SAFE_INTEGER) });
  const units = fc.constantFrom(['kb', 3], ['mb', 6], ['gb', 9]) as fc.Arbitrary<readonly [string, number]>;
  await fc.assert(
    fc.asyncProperty(sizes, units, async (bytes, [unit, decimals]) => {
      const digits = String(bytes).padStart(decimals + 1, '0');
      const text = `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}${unit}`;
      expect(await parse('bytes', text)).toEqual({ value: Number(bytes) });
    }),
  );
});

test('a list of choices suggests the nearest choice', async () => {
  expect(await parse(['smtp', 'file'], 'SMTP')).toMatchObject({
    problem: { message: 'must be one of "smtp", "file"', help: 'did you mean "smtp"?' },
  });
});

test('the format `object` returns a frozen copy', async () => {
  const given = { headers: [{ a: 1 }] };
  const parsed = (await parse('object', given)) as { readonly value: typeof given };
  expect(parsed.value).toEqual(given);
  expect(Object.isFrozen(parsed.value.headers[0])).toBe(true);
  expect(Object.isFrozen(given)).toBe(false);
});

describe('a Standard Schema', () => {
  type Validate = StandardSchema['~standard']['validate'];

  function schemaOf(validate: Validate) {
    return { '~standard': { version: 1, vendor: 'test', validate } } satisfies StandardSchema;
  }

  test('validates and converts the value', async () => {
    const parsed = await parse(
      schemaOf((value) => ({ value: [value] })),
      1,
    );
    expect(parsed).toEqual({ value: [1] });
    expect(Object.isFrozen((parsed as { readonly value: unknown }).value)).toBe(true);
  });

  test('reports its issues after the message', async () => {
    const issues = [{ message: 'too short' }, { message: 'not a number', path: ['a', { key: 0 }] }];
    const parsed = await parse(
      schemaOf(() => ({ issues })),
      1,
    );
    expect(parsed).toMatchObject({ problem: { message: 'must match its schema: too short; `a.0`: not a number' } });
  });

  test('may be a function', async () => {
    const schema = Object.assign(
      () => undefined,
      schemaOf((value) => ({ value })),
    );
    expect(await parse(schema, 'x')).toEqual({ value: 'x' });
  });

  test('may throw, which is a problem of the option and not a crash', async () => {
    const schema = schemaOf(() => {
      throw new TypeError('no such thing');
    });
    const message = 'must match its schema: the schema threw: TypeError: no such thing';
    expect(await parse(schema, 1)).toMatchObject({ problem: { message } });
  });

  test('must be synchronous, and a later rejection is ignored', async () => {
    const parsed = await parse(
      schemaOf(() => Promise.reject(new Error('late'))),
      1,
    );
    expect(parsed).toMatchObject({ problem: { message: 'must have a synchronous schema' } });
  });
});

test.each(cases.map(([format]) => format).filter((format) => format !== 'object' && typeof format === 'string'))(
  'a mapping with a key toString is a problem of the format %s, not a crash',
  async (format) => {
    expect(await parse(format, { toString: '' })).toHaveProperty('problem');
  },
);
