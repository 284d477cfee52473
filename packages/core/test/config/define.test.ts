import { expect, test } from 'vitest';
import { defineConfig } from '../../src/config/define.ts';
import type { ConfigOption } from '../../src/config/schema.ts';
import { ConfigSchemaError } from '../../src/config/errors.ts';
import { failureOf } from './temp-folder.ts';

const doc = 'Some option';

test('a schema holds its options as they were declared', () => {
  const options = { host: { doc, format: 'string', default: 'localhost' } } as const;
  expect(defineConfig(options).options).toEqual(options);
});

/** What JavaScript, which no compiler checks, may declare. */
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
])('the option %j declared as %j could never work', (name, option) => {
  expect(() => declare(name, option)).toThrow(ConfigSchemaError);
});

test('the message says which option and what to do', async () => {
  const error = await failureOf(() => declare('host', { doc, format: 'text' }));
  expect(error.message).toMatchInlineSnapshot(`
    "Option \`host\` has an unknown format "text"
      help         use one of the known formats
      code         ERR_CONFIG_SCHEMA"
  `);
});
