import { type ConfigOption, defineConfig } from '@asphalt/core';
import { ConfigSchemaError } from '@asphalt/core/errors';
import { errorOf } from '@asphalt/test-support';
import { expect, test } from 'vitest';

const doc = 'Some option';

test('defineConfig() keeps the options as declared', () => {
  const options = { host: { doc, format: 'string', default: 'localhost' } } as const;
  expect(defineConfig(options).options).toEqual(options);
});

/** Declares an option without type checks, as JavaScript can. */
function declare(name: string, option: object): void {
  defineConfig({ [name]: option as ConfigOption });
}

test.each([
  ['type', { doc, format: 'string' }],
  ['components', { doc, format: 'object' }],
  ['a.b', { doc, format: 'string' }],
  ['', { doc, format: 'string' }],
  ['constructor', { doc, format: 'string' }],
  ['_cvtProperties', { doc, format: 'string' }],
  ['host', { doc, format: 'text' }],
  ['host', { doc, format: 'toString' }],
  ['host', { doc, format: 'string', required: true, default: 'x' }],
])('defineConfig() rejects the option %j declared as %j', (name, option) => {
  expect(() => declare(name, option)).toThrow(ConfigSchemaError);
});

test('the error names the option and a fix', async () => {
  const error = await errorOf(() => declare('host', { doc, format: 'text' }));
  expect(error.message).toMatchInlineSnapshot(`
    "Option \`host\` has an unknown format "text"
      help         use one of the known formats
      code         ERR_CONFIG_SCHEMA"
  `);
});
