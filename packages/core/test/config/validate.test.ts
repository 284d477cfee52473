import { join } from 'node:path';
import { ConfigError, defineConfig, type ConfigSchema } from '@asphalt/core';
import { loadConfig, LoadedConfig } from '@asphalt/core/config';
import { errorOf, tempFolder } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import { validateOptions } from '../../src/config/validate.ts';

const doc = 'Some option';

const schema = defineConfig({
  host: { doc, format: 'string', default: '127.0.0.1', env: 'HOST' },
  port: { doc, format: 'port', default: 8000, env: 'PORT' },
  every: { doc, format: 'duration', default: '10s' },
  password: { doc, format: 'string', sensitive: true },
  backend: { doc, format: ['smtp', 'file', 'memory'], default: 'smtp' },
  headers: { doc, format: 'object', default: { accept: { 'text/html': true } } },
});

function check(options: Readonly<Record<string, unknown>>, env: Readonly<Record<string, string>> = {}) {
  return validateOptions(schema, LoadedConfig.fromObject(options, { env }).root);
}

describe('validateOptions()', () => {
  test('reads defaults with their format', () => {
    const { value, problems } = check({});
    expect(problems).toEqual([]);
    expect(value).toEqual({
      host: '127.0.0.1',
      port: 8000,
      every: 10_000,
      password: undefined,
      backend: 'smtp',
      headers: { accept: { 'text/html': true } },
    });
  });

  test('returns every option, even if it is not set, and freezes the result', () => {
    const { value } = check({ headers: { a: { b: { c: 1 } } } });
    expect(Object.keys(value)).toEqual(Object.keys(schema.options));
    expect(Object.isFrozen(value)).toBe(true);
    expect(Object.isFrozen(value.headers['a'])).toBe(true);
  });

  test('copies a default that is an object for each instance', () => {
    expect(check({}).value.headers).not.toBe(check({}).value.headers);
    expect(Object.isFrozen(schema.options['headers']?.default)).toBe(false);
  });

  test('treats null as not set', () => {
    expect(check({ port: null, password: null, headers: null })).toEqual(check({}));
  });

  test('reads text independently of the type of the default', () => {
    const { value } = validateOptions(
      defineConfig({ timeout: { doc, format: 'duration', default: 5 } }),
      LoadedConfig.fromObject({ timeout: '10s' }).root,
    );
    expect(value.timeout).toBe(10_000);
  });

  test('accepts an option with the name of an inherited property', () => {
    const inherited = defineConfig({
      toString: { doc, format: 'int', default: 1 },
      valueOf: { doc, format: 'string' },
    });
    const read = (options: object) => validateOptions(inherited, LoadedConfig.fromObject({ ...options }).root);
    expect(read({})).toEqual({ value: { toString: 1, valueOf: undefined }, problems: [] });
    expect(read({ toString: 2, valueOf: 'x' }).value).toEqual({ toString: 2, valueOf: 'x' });
    expect(check({ hasOwnProperty: 1 }).problems).toMatchObject([{ path: 'component.hasOwnProperty' }]);
  });

  test('does not treat `type` and `components` as options', () => {
    expect(check({ type: './app.ts:App', components: { mailer: null } }).problems).toEqual([]);
  });
});

describe('environment variables', () => {
  test('override the configuration', () => {
    expect(check({ port: 1 }, { PORT: '2' }).value.port).toBe(2);
  });

  test('are ignored if they are empty', () => {
    expect(check({ port: 1 }, { PORT: '' }).value.port).toBe(1);
  });

  test('are overridden by --set', async () => {
    const config = await loadConfig({ set: ['component.port=3'], env: { PORT: '2', HOST: 'example.org' } });
    expect(validateOptions(schema, config.root).value).toMatchObject({ port: 3, host: 'example.org' });
  });

  test('end with the resource name for an instance other than the default', () => {
    const env = { PORT: '1', PORT_NEWS: '2', PORT_TWO_WORDS: '3' };
    const config = LoadedConfig.fromObject({}, { env });
    const portOf = (alias: string) =>
      validateOptions(
        schema,
        config.root.child(alias).withDefaults({}, () => 'x'),
      ).value.port;
    expect(['web', 'web/default', 'web/news', 'web/two-words', 'web/other'].map(portOf)).toEqual([1, 1, 2, 3, 8000]);
  });
});

describe('paths', () => {
  const paths = defineConfig({
    here: { doc, format: 'path' },
    there: { doc, format: 'path' },
    set: { doc, format: 'path' },
    variable: { doc, format: 'path', env: 'SOME_PATH' },
    standard: { doc, format: 'path', default: 'data' },
  });

  test('are relative to their file, or to the working folder if they have no file', async () => {
    const cwd = tempFolder({
      'one/base.yaml': 'component: { here: a.txt, there: a.txt }',
      'two/over.json': '{ "component": { "there": "../b.txt" } }',
    });
    const files = ['one/base.yaml', 'two/over.json'];
    const config = await loadConfig({ files, set: ['component.set=c'], env: { SOME_PATH: 'd' }, cwd });
    expect(validateOptions(paths, config.root).value).toEqual({
      here: join(cwd, 'one/a.txt'),
      there: join(cwd, 'b.txt'),
      set: join(cwd, 'c'),
      variable: join(cwd, 'd'),
      standard: join(cwd, 'data'),
    });
  });
});

describe('problems', () => {
  test('are all reported, with the origin of each value and the values it overrides', async () => {
    const cwd = tempFolder({
      'base.yaml': 'component:\n  components:\n    web:\n      port: 1\n      every: soon\n      prt: 2\n',
      'over.json': '{ "component": { "components": { "web": {\n  "backend": "smp",\n  "host": 1 } } } }',
    });
    const config = await loadConfig({
      files: ['base.yaml', 'over.json'],
      set: ['component.components.web.headers=none'],
      env: { PORT: '80a' },
      cwd,
    });
    const view = config.root.child('web').withDefaults({ every: '1s', colour: 'red' }, () => 'set in code by the root');
    const { problems, value } = validateOptions(schema, view);
    expect(value).toMatchObject({ port: undefined, password: undefined });
    expect(new ConfigError(problems).message).toMatchInlineSnapshot(`
      "Configuration has 7 problems
        1. \`component.components.web.colour\` is not a known option
           from  set in code by the root
           help  known keys: host, port, every, password, backend, headers, type, components, enabled
        2. \`component.components.web.prt\` is not a known option
           from  base.yaml:6:7
                 6 │       prt: …
                   │       ^
           help  did you mean \`component.components.web.port\`?
        3. \`component.components.web.host\` must be a string, got 1
           from  over.json:3:3
                 3 │   "host": 1 …
                   │   ^
           help  write it in quotes
        4. \`component.components.web.port\` must be a whole number from 0 to 65535, got "80a"
           from  environment variable PORT (overrides base.yaml:4:7)
        5. \`component.components.web.every\` must be a duration such as "250ms", "10s" or "5m", got "soon"
           from  base.yaml:5:7 (overrides set in code by the root)
                 5 │       every: soon
                   │       ^
        6. \`component.components.web.backend\` must be one of "smtp", "file", "memory", got "smp"
           from  over.json:2:3
                 2 │   "backend": "smp" …
                   │   ^
           help  did you mean "smtp"?
        7. \`component.components.web.headers\` must be a mapping, got a string
           from  --set
           help  write it as JSON, such as { "key": "value" }
        code         ERR_CONFIG_INVALID"
    `);
  });

  test('are summarized in the first line if there is only one', () => {
    expect(new ConfigError(check({ port: '80a' }).problems).message).toMatchInlineSnapshot(`
      "\`component.port\` must be a whole number from 0 to 65535, got "80a"
        from         set in code
        code         ERR_CONFIG_INVALID"
    `);
  });

  test('suggest how to set a missing option', () => {
    const required = defineConfig({ url: { doc, format: 'url', required: true, env: 'PAGE_URL' } });
    const root = LoadedConfig.fromObject({ components: { 'page/news': { url: null } } }).root;
    const { problems } = validateOptions(required, root.child('page/news'));
    expect(new ConfigError(problems).message).toMatchInlineSnapshot(`
      "\`component.components.page/news.url\` is required, got null
        from         set in code
        help         set it in a configuration file, or with --set component.components.page/news.url=…, or by environment variable PAGE_URL_NEWS
        code         ERR_CONFIG_INVALID"
    `);
  });

  test('name the unset variable of an !Env tag', async () => {
    const required = defineConfig({ host: { doc, format: 'string', required: true } });
    const cwd = tempFolder({ 'app.yaml': 'component:\n  host: !Env SMTP_HOST\n' });
    const config = await loadConfig({ files: ['app.yaml'], env: {}, cwd });
    expect(validateOptions(required, config.root).problems).toMatchObject([
      { path: 'component.host', got: 'null', from: 'app.yaml:2:3 (!Env SMTP_HOST)' },
    ]);
  });

  test('include a default that does not match its format', () => {
    const wrong = defineConfig({ every: { doc, format: 'duration', default: '1s' } });
    Object.assign(wrong.options['every'] ?? {}, { default: 'soon' });
    const { problems } = validateOptions(wrong, LoadedConfig.fromObject({}).root);
    expect(problems).toMatchObject([{ from: 'default', got: '"soon"' }]);
  });

  test('list the known keys for an unknown option without a near miss', () => {
    expect(check({ colour: 'red' }).problems).toEqual([
      {
        path: 'component.colour',
        message: 'is not a known option',
        from: 'set in code',
        help: 'known keys: host, port, every, password, backend, headers, type, components',
      },
    ]);
  });

  describe('that name an unknown option show its value', () => {
    const size = { doc, format: 'bytes' } as const;
    const plain = defineConfig({ size, inner: { doc, format: defineConfig({ size }) } });
    const secret = defineConfig({ size, inner: { doc, format: defineConfig({ pin: { ...size, sensitive: true } }) } });
    const frameOf = async (options: ConfigSchema, line: string): Promise<string | undefined> => {
      const cwd = tempFolder({ 'app.yaml': `component:\n  ${line}\n` });
      const config = await loadConfig({ files: ['app.yaml'], cwd, env: { PIN: 'hunter2' } });
      return validateOptions(options, config.root).problems[0]?.codeFrame?.split('\n')[0]?.slice('2 │   '.length);
    };

    test.each([
      ['sise: 10kb', 'sise: 10kb'],
      ['inner: { sise: 10kb }', 'sise: 10kb …'],
      ['sise: https://ada:hunter2@example.org/', 'sise: https://***@example.org/'],
    ])('in %s', async (line, frame) => {
      expect(await frameOf(plain, line)).toBe(frame);
    });

    test.each([
      ['sise: hunter2', secret],
      ['inner: { sise: hunter2 }', secret],
      ['pin: hunter2', secret],
      ['dbPassword: hunter2', plain],
      ['api_key: hunter2', plain],
      ['sise: !Env PIN', plain],
      ['sise: [hunter2]', plain],
      ['sise: { a: hunter2 }', plain],
    ])('unless it may be sensitive, as in %s', async (line, options) => {
      const frame = await frameOf(options, line);
      expect(frame).toMatch(/…( …)?$/);
      expect(frame).not.toContain('hunter2');
    });
  });

  test('include every option of a component without options', () => {
    const { problems } = validateOptions(defineConfig({}), LoadedConfig.fromObject({ a: 1 }).root);
    expect(problems).toMatchObject([{ help: 'known keys: type, components' }]);
  });

  test('include sections and children that are not mappings', async () => {
    const config = await loadConfig({ set: ['component={ components: { web: 5, api: { components: [1] } } }'] });
    const problemsOf = (alias: string) => validateOptions(schema, config.root.child(alias)).problems;
    expect([...problemsOf('web'), ...problemsOf('api')]).toMatchObject([
      { path: 'component.components.web', message: 'must be a mapping of options', got: '5', from: '--set' },
      { path: 'component.components.api.components', message: 'must be a mapping of aliases', got: 'a list' },
    ]);
  });

  test('escape a dot in an alias like --set', () => {
    const view = LoadedConfig.fromObject({ components: { 'a.b': { port: -1 } } }).root.child('a.b');
    expect(validateOptions(schema, view).problems[0]?.path).toBe('component.components.a\\.b.port');
  });
});

describe('sensitive options', () => {
  const secret = 'hunter2';
  const secrets = defineConfig({
    text: { doc, format: 'string', sensitive: true },
    number: { doc, format: 'number', sensitive: true },
    choice: { doc, format: ['huntr2'], sensitive: true, env: 'CHOICE' },
    object: { doc, format: 'object', sensitive: true },
    checked: {
      doc,
      format: {
        '~standard': {
          version: 1,
          vendor: 'test',
          validate: (value: unknown) => ({ issues: [{ message: `not ${String(value)}` }] }),
        },
      },
      sensitive: true,
    },
  });

  test('do not show their values in problems', async () => {
    const lines = [
      `text: [${secret}]`,
      `number: ${secret}`,
      `object: ${secret}`,
      `checked: ${secret}`,
      `txt: ${secret}`,
    ];
    const cwd = tempFolder({ 'app.yaml': `component:\n  ${lines.join('\n  ')}\n` });
    const config = await loadConfig({ files: ['app.yaml'], env: { CHOICE: secret }, cwd });
    const { problems } = validateOptions(secrets, config.root);
    expect(problems.map(({ path }) => path)).toEqual(
      ['txt', 'text', 'number', 'choice', 'object', 'checked'].map((name) => `component.${name}`),
    );
    expect(JSON.stringify(problems) + new ConfigError(problems).message).not.toContain(secret);
    const set = ['component.object.x=1'];
    const error = await errorOf(() => loadConfig({ files: ['app.yaml'], set, env: {}, cwd }));
    expect(error).toMatchObject({ code: 'ERR_CONFIG_SET' });
    expect(error.message).not.toContain(secret);
  });
});
