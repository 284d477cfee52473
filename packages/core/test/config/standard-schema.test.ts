import { ConfigError, defineConfig, listOf } from '@asphalt/core';
import { LoadedConfig } from '@asphalt/core/config';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { validated } from './validated.ts';

const doc = 'Some option';

const schema = defineConfig({
  zod: { doc, format: z.object({ retries: z.number().int().min(0), mode: z.enum(['fast', 'safe']).default('safe') }) },
  valibot: {
    doc,
    format: v.pipe(
      v.string(),
      v.transform((text) => text.length),
    ),
    default: 'four',
  },
  list: { doc, format: listOf(z.union([z.string(), z.number()])), default: [1] },
  secret: { doc, format: z.string().regex(/^x/), sensitive: true },
});

function check(options: Readonly<Record<string, unknown>>) {
  return validated(schema, LoadedConfig.fromObject(options));
}

test('zod and valibot schemas are formats that validate and convert values', async () => {
  const { value, problems } = await check({ zod: { retries: 3 }, list: ['a', 2] });
  expect(problems).toEqual([]);
  expect(value).toEqual({ zod: { retries: 3, mode: 'safe' }, valibot: 4, list: ['a', 2], secret: undefined });
});

test('the issues of schemas are reported, except for sensitive values', async () => {
  const { problems } = await check({ zod: { retries: -1 }, valibot: 5, list: [true], secret: 'hunter2' });
  expect(new ConfigError(problems).message).toMatchInlineSnapshot(`
    "Configuration has 4 problems
      1. \`component.zod\` must match its schema: \`retries\`: Too small: expected number to be >=0, got a mapping
         from  set in code
      2. \`component.valibot\` must match its schema: Invalid type: Expected string but received 5, got 5
         from  set in code
      3. \`component.list.0\` must match its schema: Invalid input, got true
         from  set in code
      4. \`component.secret\` must match its schema
         from  set in code
      code         ERR_CONFIG_INVALID"
  `);
});
