import { inspect } from 'node:util';
import { ConfigError, type ConfigSchema, defineConfig, type Format, listOf, mapOf } from '@asphalt/core';
import { loadConfig } from '@asphalt/core/config';
import { tempFolder } from '@asphalt/test-support';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { described, validated } from './validated.ts';

const secret = 'hunter2';

/** Schemas whose messages quote the value. */
const talkative: Format = z.string().refine(() => false, { error: ({ input }) => `cannot be ${String(input)}` });
const throwing: Format = v.custom<string>((value) => {
  throw new Error(`cannot take ${String(value)}`);
});
const section = defineConfig({ password: { doc: 'Password', format: 'string', sensitive: true } });

const formats: Readonly<Record<string, Format>> = {
  ...Object.fromEntries(
    (
      [
        'string',
        'number',
        'int',
        'port',
        'boolean',
        'duration',
        'bytes',
        'url',
        'email',
        'regexp',
        'name',
        'path',
        'object',
        'binary',
      ] as const
    ).map((name) => [name, name]),
  ),
  choice: ['huntr2', 'other'],
  talkative,
  throwing,
  list: listOf('int'),
  map: mapOf('int'),
  section: defineConfig({ inner: { doc: 'Inner', format: 'string' } }),
};

/** Values that contain the secret. Every format rejects some of them. */
const written: readonly unknown[] = [
  secret,
  [secret],
  { inner: secret },
  { inner: [secret] },
  { other: { deep: secret } },
  [[secret]],
];

test.each(Object.entries(formats))(
  'a sensitive option of the format %s is never shown, whatever its source',
  async (_, format) => {
    const schema: ConfigSchema = defineConfig({ option: { doc: 'Option', format, sensitive: true, env: 'OPTION' } });
    // These options are not sensitive themselves, but contain a sensitive option.
    const around: ConfigSchema = defineConfig({
      option: { doc: 'Option', format: listOf(section) },
      map: { doc: 'Map', format: mapOf(section) },
      section: { doc: 'Section', format: section },
    });
    const shown: string[] = [];
    for (const value of written) {
      const text = JSON.stringify(value);
      const all = JSON.stringify({ component: { option: value, optoin: value, map: value, section: value } });
      const cwd = tempFolder({ 'a.yaml': all, 'a.json': all, 'a.json5': all });
      const sources = [
        ...['a.yaml', 'a.json', 'a.json5'].map((file) => ({ files: [file], env: {} })),
        { env: { OPTION: typeof value === 'string' ? value : text } },
        { env: {}, set: [`component.option=${text}`, `component.section=${text}`] },
        { env: { ASPHALT_SET_X: `component.option=${text}` } },
        { env: {}, rootOptions: { option: value, optoin: value, map: value, section: value } },
      ];
      for (const source of sources) {
        const config = await loadConfig({ ...source, cwd });
        for (const options of [schema, around]) {
          const { problems } = await validated(options, config);
          const error = new ConfigError(problems);
          shown.push(error.message, inspect(error, { depth: 20 }), inspect(problems, { depth: 20 }));
          shown.push(JSON.stringify((await described(options, config)).components));
        }
      }
    }
    expect(shown.join()).toContain('option');
    expect(shown.filter((text) => text.includes(secret))).toEqual([]);
  },
);
