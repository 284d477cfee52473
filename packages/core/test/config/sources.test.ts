import { loadConfig, type LoadConfigOptions } from '@asphalt/core/config';
import { errorOf, tempFolder } from '@asphalt/test-support';
import { describe, expect, test, vi } from 'vitest';

function load(files: Readonly<Record<string, string>>, options: Partial<LoadConfigOptions> = {}) {
  return loadConfig({ files: Object.keys(files), cwd: tempFolder(files), env: {}, collectProblems: true, ...options });
}

describe('a JSON5 file', () => {
  const text = `// comment
{
  component: {
    'type': './app.ts:App', /* why */ port: 0x10,
    "list": [1, { deep: +.5, }],
  },
}
`;

  test('is read with the place of every value', async () => {
    const config = await load({ 'app.json5': text });
    expect(config.value).toEqual({ component: { type: './app.ts:App', port: 16, list: [1, { deep: 0.5 }] } });
    const placeOf = (...path: string[]) => config.layers.origins(['component', ...path])[0]?.text;
    expect([placeOf(), placeOf('type'), placeOf('port'), placeOf('list', '1', 'deep')]).toEqual([
      'app.json5:3:3',
      'app.json5:4:5',
      'app.json5:4:39',
      'app.json5:5:19',
    ]);
    expect(config.layers.codeFrame(['component', 'port'], true)).toBe('4 │ … port: 0x10 …\n  │   ^');
  });

  test('is rejected with the place of a syntax error', async () => {
    const error = await errorOf(() => load({ 'app.json5': '{\n  a: 1\n  b: 2,\n}' }));
    expect(error.message).toMatchInlineSnapshot(`
      "Cannot read app.json5: it is not valid JSON5 (line 3)
        at           app.json5:3:3
                     3 │   b: …
                       │   ^
        help         fix the syntax, or rename the file to .yaml if it is YAML
        code         ERR_CONFIG_FILE"
    `);
  });
});

describe('standard input', () => {
  async function* chunks(...texts: string[]) {
    for (const text of texts) yield Buffer.from(text);
  }

  test('is read as YAML for the file `-`', async () => {
    const config = await loadConfig({
      files: ['-'],
      env: {},
      cwd: tempFolder({ 'a.txt': 'some text' }),
      stdin: chunks('component:\n  type: x\n', '  note: !TextFile a.txt\n'),
    });
    expect(config.root.section).toEqual({ type: 'x', note: 'some text' });
    expect(config.root.origins(['note'])[0]).toMatchObject({
      text: 'standard input:3:3 (!TextFile a.txt)',
      file: undefined,
    });
  });

  test('is not opened without the file `-`', async () => {
    const asked = vi.spyOn(process, 'stdin', 'get');
    try {
      await load({ 'asphalt.yaml': 'component: { type: x }' });
      expect(asked).not.toHaveBeenCalled();
    } finally {
      asked.mockRestore();
    }
  });

  test('is rejected if it is endless or listed twice', async () => {
    async function* endless() {
      for (;;) yield Buffer.alloc(64 * 1024, 'x');
    }
    const error = await errorOf(() => loadConfig({ files: ['-'], env: {}, stdin: endless() }));
    expect(error.message).toMatchInlineSnapshot(`
      "Cannot read standard input: it is larger than 1 MB
        code         ERR_CONFIG_FILE"
    `);
    const twice = await errorOf(() => loadConfig({ files: ['-', '-'], env: {}, stdin: chunks('a: 1') }));
    expect(twice.message).toMatchInlineSnapshot(`
      "Cannot read standard input: it is listed twice
        help         list \`-\` once
        code         ERR_CONFIG_FILE"
    `);
  });
});

describe('a configuration module', () => {
  test('may export the class of the root component', async () => {
    const cwd = tempFolder({ 'app.mjs': 'export default class Hello {}\n' });
    const { type } = (await loadConfig({ files: ['app.mjs'], cwd, env: {} })).value['component'] as {
      type: { name: string };
    };
    expect(type.name).toBe('Hello');
  });

  test('provides its default export, and its file is the origin of the values', async () => {
    const config = await load({ 'asphalt.config.mjs': 'export default { component: { type: "x", port: 1 } };' });
    expect(config.root.section).toEqual({ type: 'x', port: 1 });
    expect(config.root.origins(['port'])).toMatchObject([{ kind: 'file', text: 'asphalt.config.mjs' }]);
  });

  test.each([
    ['missing.config.mjs', undefined],
    ['empty.config.mjs', 'export const config = {};'],
    ['list.config.mjs', 'export default [1];'],
    ['broken.config.mjs', 'throw new Error("out of order");'],
    ['hostile.config.mjs', 'export default JSON.parse(\'{ "component": { "__proto__": 1 } }\');'],
  ])('is rejected if it cannot be used: %s', async (name, text) => {
    const cwd = tempFolder(text === undefined ? {} : { [name]: text });
    const error = await errorOf(() => loadConfig({ files: [name], cwd, env: {} }));
    expect(error.message).toMatchSnapshot();
  });
});

describe('ASPHALT_SET_… variables', () => {
  test('override files and are overridden by --set, in the order of their names', async () => {
    const env = {
      ASPHALT_SET_1: 'component.port=1',
      ASPHALT_SET_2: 'component.port=2',
      ASPHALT_SET_HOST: 'component.host=there',
      ASPHALT_SET_NEWS: 'component.components.mailer/news.port=25',
      ASPHALT_SET_EMPTY: '',
    };
    const config = await load(
      { 'app.yaml': 'component: { port: 0, host: here }' },
      { env, set: ['component.host=set'] },
    );
    expect(config.root.section).toEqual({ port: 2, host: 'set', components: { 'mailer/news': { port: 25 } } });
    expect(config.root.origins(['host']).map(({ text }) => text)).toEqual([
      '--set',
      'environment variable ASPHALT_SET_HOST',
      'app.yaml:1:23',
    ]);
  });

  test('do not need a file', async () => {
    const config = await loadConfig({ env: { ASPHALT_SET_A: 'component.type=x' } });
    expect(config.root.section).toEqual({ type: 'x' });
  });

  test.each([
    ['the path is missing', 'hunter2'],
    ['a key is empty', 'component..x=hunter2'],
  ])('are not quoted if %s', async (_, text) => {
    const error = await errorOf(() => loadConfig({ env: { ASPHALT_SET_PASSWORD: text } }));
    expect(error.message).not.toContain('hunter2');
    expect(error.message).toMatchSnapshot();
  });
});

describe('LoadedConfig.unused', () => {
  test('lists the `x-` keys, and not the sections of other services', async () => {
    const config = await load(
      { 'app.yaml': 'x-shared: &shared { a: 1 }\nservices:\n  web: { component: *shared }\n  worker: {}\n' },
      { service: 'web' },
    );
    expect(config.problems).toEqual([]);
    expect(config.unused).toEqual([{ path: 'x-shared', from: 'app.yaml:1:1' }]);
  });
});

test('a value in a JSON file is located even if the file is not YAML', async () => {
  const key = `x-${'long'.repeat(300)}`;
  const cwd = tempFolder({ 'app.json': JSON.stringify({ [key]: { 'a"b': 1 } }) });
  const config = await loadConfig({ files: ['app.json'], cwd, env: {} });
  expect(config.layers.origins([key, 'a"b'])).toMatchObject([{ text: 'app.json:1:1208' }]);
});
