import { defineConfig, type Format, listOf, mapOf } from '@asphalt/core';
import { LoadedConfig } from '@asphalt/core/config';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { described, isAccepted } from '../config/validated.ts';

const formats: Readonly<Record<string, Format>> = {
  string: 'string',
  number: 'number',
  int: 'int',
  port: 'port',
  boolean: 'boolean',
  duration: 'duration',
  bytes: 'bytes',
  url: 'url',
  email: 'email',
  regexp: 'regexp',
  name: 'name',
  path: 'path',
  object: 'object',
  choice: ['smtp', 'file', 5, '5'],
  list: listOf('port'),
  map: mapOf('duration'),
  section: defineConfig({
    host: { doc: 'Host', format: 'string', required: true },
    port: { doc: 'Port', format: 'port' },
  }),
  sections: listOf(defineConfig({ host: { doc: 'Host', format: 'string', required: true } })),
  zod: z.object({ side: z.number().min(0) }),
  valibot: v.pipe(v.string(), v.minLength(2)),
};

/**
 * Values for files. Lists and mappings as JSON text are omitted: they are for variables, and editors should not offer
 * them.
 */
const values = [
  [
    '',
    'a',
    'ab',
    'smtp',
    'pigeon',
    'true',
    'false',
    'yes',
    '5',
    '+5',
    '-5',
    '5.',
    '.5',
    '1e3',
    '65535',
    '65536',
    '0x10',
  ],
  [
    '250ms',
    '1.5h',
    '1 d',
    '10S',
    '5 parsecs',
    '5 Minutes',
    '2w',
    '1 hr',
    '10kb',
    '1MiB',
    '1.5k',
    '3b',
    '3x',
    'https://a.org/',
    'mailto:a@b.c',
  ],
  [
    'localhost:80',
    ' http://a',
    'C:\\a',
    'a@b..c',
    '"a b"@c',
    'a@b.c',
    'a b@c',
    '^a+$',
    '/a/i',
    '(',
    'a-b_c',
    'ä',
    'a b',
    './x',
    '/x',
    'a\0b',
  ],
  [0, 1, 5, -1, 1.5, 65_535, 65_536, 1e21, 2 ** 53, true, false, null],
  [[], [80], ['80'], [80, 'x'], [null], [{ host: 'a' }], [{}], [{ host: 'a', prot: 1 }]],
  [{}, { a: 1 }, { a: '1s' }, { a: null }, { a: 'soon' }, { host: 'a' }, { host: 'a', port: 'x' }, { port: 1 }],
  [{ side: 1 }, { side: -1 }, { side: 'x' }],
].flat() as readonly unknown[];

/** Returns the values that pass a check. */
async function passing(check: (value: unknown) => boolean | Promise<boolean>): Promise<string[]> {
  const passed: string[] = [];
  for (const value of values) if (await check(value)) passed.push(JSON.stringify(value));
  return passed;
}

test.each(Object.entries(formats))(
  'the JSON Schema of the format %s accepts every value that the application accepts',
  async (_, format) => {
    const schema = defineConfig({ option: { doc: 'Option', format } });
    const { jsonSchema } = await described(schema, LoadedConfig.fromObject({}));
    const fits = new Ajv2020({ allowUnionTypes: true }).compile(jsonSchema);
    const taken = await passing((option) => isAccepted(schema, LoadedConfig.fromObject({ option })));
    const accepted = await passing((option) => fits({ component: { option } }));
    expect(taken.length).toBeGreaterThan(1);
    expect(accepted).toEqual(expect.arrayContaining(taken));
    // Values that only the JSON Schema accepts, so that an editor does not mark them.
    expect(accepted.filter((value) => !taken.includes(value))).toMatchSnapshot();
  },
);
