import { describe, expect, test } from 'vitest';
import { defineConfig } from '../../src/config/define.ts';
import { loadConfig } from '../../src/config/load.ts';
import { validateOptions } from '../../src/config/validate.ts';
import { failureOf, tempFolder } from './temp-folder.ts';

/** Far more than is needed on a busy machine, far less than what takes the square of its size. */
const boundMs = 15_000;

const lines = (count: number, line: (index: number) => string) => Array.from({ length: count }, (_, i) => line(i));
const half = 512 * 1024 - 100;

const refused: readonly (readonly [what: string, name: string, text: string, why: string])[] = [
  ['10 MB in one value', 'a.yaml', `a: ${'x'.repeat(10 * 1024 * 1024)}`, 'it is larger than 1 MB'],
  ['brackets without end', 'a.yaml', `a: ${'['.repeat(half)}${']'.repeat(half)}`, 'it is nested too deeply'],
  ['brackets without end', 'a.json', `{"a":${'['.repeat(half)}${']'.repeat(half)}}`, 'is nested more than 1000'],
  ['brackets without end', 'a.json5', `{a:${'['.repeat(half)}${']'.repeat(half)}}`, 'is nested more than 1000'],
  [
    'an alias a thousand times',
    'a.yaml',
    `a: &a 1\n${lines(9_000, (i) => `k${i}: *a`).join('\n')}`,
    'its aliases multiply',
  ],
  [
    'a key twice behind many',
    'a.yaml',
    `${lines(30_000, (i) => `k${i}: 1`).join('\n')}\nk7: 2`,
    'it is not valid YAML',
  ],
  [
    'a key of JSON5 that reaches prototypes',
    'a.json5',
    '{ component: { __proto__: { x: 1 } } }',
    'reserved in JavaScript',
  ],
];

describe('a file is refused in bounded time for', () => {
  test.each(refused)('%s (%s)', { timeout: boundMs }, async (_, name, text, why) => {
    const cwd = tempFolder({ [name]: text });
    const error = await failureOf(() => loadConfig({ files: [name], cwd, env: {} }));
    expect(error).toMatchObject({ code: 'ERR_CONFIG_FILE' });
    expect(error.message).toContain(why);
    expect(error.message.length).toBeLessThan(1_000);
  });
});

test('a long value after --set is refused', async () => {
  const error = await failureOf(() => loadConfig({ set: [`component.a=${'x'.repeat(10 * 1024 * 1024)}`], env: {} }));
  expect(error.message).toMatchInlineSnapshot(`
    "Cannot read the value of \`--set component.a=…\`: it is longer than 1 MB
      help         put it into a file, and the file among the configuration files
      code         ERR_CONFIG_SET"
  `);
});

test.each(['yaml', 'json', 'json5'])(
  'thousands of unknown options are told by their number (%s)',
  { timeout: boundMs },
  async (kind) => {
    const text = `{ "component": {\n${lines(20_000, (i) => `"k${i}": 1`).join(',\n')} } }`;
    const config = await loadConfig({ files: [`a.${kind}`], cwd: tempFolder({ [`a.${kind}`]: text }), env: {} });
    const { problems } = validateOptions(defineConfig({}), config.root);
    expect(problems).toHaveLength(101);
    expect(problems[0]).toMatchObject({ path: 'component.k0', from: `a.${kind}:2:1` });
    expect(problems.at(-1)).toEqual({ path: 'component', message: 'has 19900 more problems' });
  },
);
