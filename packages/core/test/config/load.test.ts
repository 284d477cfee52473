import { join } from 'node:path';
import { ConfigError, defineConfig } from '@asphalt/core';
import { type ConfigProblem, loadConfig, type LoadConfigOptions } from '@asphalt/core/config';
import { ConfigServiceError } from '@asphalt/core/errors';
import { errorOf, tempFolder } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import { validated } from './validated.ts';

/** Creates files and loads them in this order. */
function load(files: Readonly<Record<string, string>>, options: Partial<LoadConfigOptions> = {}) {
  return loadConfig({ files: Object.keys(files), cwd: tempFolder(files), env: {}, ...options });
}

describe('loadConfig()', () => {
  test('merges code, files, the service, the environment and --set in this order', async () => {
    const doc = 'The layer that wins';
    const option = { doc, format: 'int' } as const;
    const schema = defineConfig({
      standard: { ...option, default: 0 },
      code: { ...option, default: 0 },
      first: { ...option, default: 0 },
      second: { ...option, default: 0 },
      service: { ...option, default: 0 },
      variable: { ...option, default: 0, env: 'VARIABLE' },
      set: { ...option, default: 0, env: 'SET' },
    });
    const names = Object.keys(schema.options);
    // Each layer sets its own option and those of all later layers.
    const from = (first: string, value: number) =>
      Object.fromEntries(names.slice(names.indexOf(first)).map((name) => [name, value]));
    const config = await load(
      {
        'first.yaml': JSON.stringify({
          component: from('first', 2),
          services: { default: { component: from('service', 4) } },
        }),
        'second.json': JSON.stringify({ component: from('second', 3) }),
      },
      { rootOptions: from('code', 1), set: ['component.set=6'], env: { VARIABLE: '5', SET: '5' } },
    );
    const { value, problems } = await validated(schema, config);
    expect(problems).toEqual([]);
    expect(value).toEqual({ standard: 0, code: 1, first: 2, second: 3, service: 4, variable: 5, set: 6 });
    expect(config.layers.origins(['component', 'set']).map(({ text }) => text)).toEqual([
      '--set',
      expect.stringMatching(/^first\.yaml:1:\d+$/),
      expect.stringMatching(/^second\.json:1:\d+$/),
      expect.stringMatching(/^first\.yaml:1:\d+$/),
      'set in code',
    ]);
  });

  test('merges two files and two --set', async () => {
    const config = await load(
      {
        'one.yaml': 'logging: { level: info }\ncomponent: { type: x, one: dummyval1, two: old, listed: [1, 2] }',
        'two.yml': 'component: { one: dummyval1, two: 10, listed: [3] }',
      },
      { set: ['component.three=x', 'component.four=[1]'] },
    );
    expect(config.value).toEqual({
      logging: { level: 'info' },
      component: { type: 'x', one: 'dummyval1', two: 10, three: 'x', four: [1], listed: [3] },
    });
  });

  test('keeps a lower section of a component if a later section is empty', async () => {
    const config = await load({
      'one.yaml': 'component:\n  components:\n    web: { type: x, port: 1, host: h }\n',
      'two.yaml': 'component:\n  components:\n    web:\n    api:\n',
      'three.yaml': 'component: { components: { web: { host: null } } }\n',
      'four.yaml': 'component: { components: }\n',
      'five.yaml': 'component:\n',
    });
    expect(config.root.childAliases).toEqual(['web', 'api']);
    expect(config.root.child('web').section).toEqual({ type: 'x', port: 1, host: null });
    const view = config.root.child('api').withDefaults({ port: 2 }, () => 'set in code');
    expect(view.section).toEqual({ port: 2 });
  });

  test('needs no file', async () => {
    const config = await loadConfig({ set: ['component.type=./app.ts:App', 'stopTimeout=3'], env: {} });
    expect(config.root.section).toEqual({ type: './app.ts:App' });
    expect(config.settings.stopTimeout).toBe(3);
    expect((await loadConfig({ env: {} })).value).toEqual({});
  });
});

describe('services in loadConfig()', () => {
  const files = {
    'app.yaml': `
stopTimeout: 15
services:
  server: &server
    component: &component { type: ./server.ts:Server, host: localhost, port: 5000, log: true }
  client:
    <<: *server
    component: { <<: *component, type: ./client.ts:Client, port: 6000 }
`,
  };

  test('are selected with anchors resolved and shared settings inherited', async () => {
    const config = await load(files, { service: 'client' });
    expect(config.service).toBe('client');
    expect(config.value).toEqual({
      stopTimeout: 15,
      component: { type: './client.ts:Client', host: 'localhost', port: 6000, log: true },
    });
  });

  test('are overridden by --set, at the top level and in their section', async () => {
    const set = ['stopTimeout=1', 'services.client.component.host=there', 'component.port=7000'];
    const config = await load(files, { service: 'client', set });
    expect(config.value).toMatchObject({ stopTimeout: 1, component: { host: 'there', port: 7000 } });
    expect(config.layers.origins(['component', 'host'])[0]).toMatchObject({ kind: 'set', typed: 'there' });
    expect(config.layers.origins(['component', 'port'])[1]).toMatchObject({ text: 'app.yaml:8:60' });
  });

  test('are overridden by --set component even if services.default exists', async () => {
    const text = 'services: { default: { component: { type: x, port: 1 } } }';
    const config = await load({ 'app.yaml': text }, { set: ['component.port=2'] });
    expect(config.root.section).toEqual({ type: 'x', port: 2 });
  });

  test('can be defined by --set', async () => {
    const config = await loadConfig({ set: ['services.web.component.type=x'], env: {} });
    expect(config.value).toEqual({ component: { type: 'x' } });
  });

  test('keep the options that code sets for the root component', async () => {
    const config = await load(files, { service: 'client', rootOptions: { port: 1, colour: 'red' } });
    expect(config.root.section).toMatchObject({ port: 6000, colour: 'red' });
  });
});

describe('the root component in loadConfig()', () => {
  async function messageOf(text: string, service?: string): Promise<string> {
    const error = await errorOf(() => load({ 'app.yaml': text }, { requireRootType: true, service }));
    expect(error instanceof ConfigServiceError || error instanceof ConfigError).toBe(true);
    return error.message;
  }

  test('is required if code does not set it', async () => {
    expect(await messageOf('stopTimeout: 1')).toMatchInlineSnapshot(`
      "The configuration has no \`component\`
        help         add the root component: component: { type: ./app.ts:App }
        code         ERR_CONFIG_SERVICE"
    `);
    expect(await messageOf('services:\n  default:\n')).toMatchInlineSnapshot(`
      "Service "default" has no \`component\`
        help         add the root component: component: { type: ./app.ts:App }
        code         ERR_CONFIG_SERVICE"
    `);
  });

  test('must have a type if code does not set it', async () => {
    expect(await messageOf('services:\n  default:\n    component: {}\n')).toMatchInlineSnapshot(`
      "\`component.type\` is required
        from         app.yaml:3:5
        help         set it to the class of the root component, such as ./app.ts:App
        code         ERR_CONFIG_INVALID"
    `);
  });

  test('may be omitted if code sets it', async () => {
    expect((await load({ 'app.yaml': 'stopTimeout: 1' })).root.section).toEqual({});
  });
});

describe('the top level in loadConfig()', () => {
  test('is read with its formats', async () => {
    const text = 'startTimeout: 10s\nstopTimeout: 500\nlogging: debug\n';
    expect((await load({ 'app.yaml': text })).settings).toEqual({
      startTimeout: 10_000,
      stopTimeout: 500,
      logging: { level: 'debug', levels: {} },
    });
  });

  test('reports all of its problems at once', async () => {
    const text =
      'start_timeout: 10\nstartTimeout: many\nlogging: 5\nservices:\n  web:\n    componet: {}\n    stopTimeout: soon\n';
    const error = await errorOf(() => load({ 'app.yaml': text }));
    const { problems } = await load({ 'app.yaml': text }, { collectProblems: true });
    // Each call reads from its own folder.
    const withoutFolder = (list: readonly ConfigProblem[]): object[] =>
      list.map((problem) => ({ ...problem, place: undefined }));
    expect(withoutFolder(problems)).toEqual(withoutFolder((error as ConfigError).problems));
    expect(error.message).toMatchInlineSnapshot(`
      "Configuration has 5 problems
        1. \`start_timeout\` is not a known option
           from  app.yaml:1:1
                 1 │ start_timeout: 10
                   │ ^
           help  did you mean \`startTimeout\` or \`stopTimeout\`?
        2. \`componet\` is not a known option
           from  app.yaml:6:5
                 6 │     componet: …
                   │     ^
           help  did you mean \`component\`?
        3. \`startTimeout\` must be a duration such as "250ms", "10s" or "5m", got "many"
           from  app.yaml:2:1
                 2 │ startTimeout: many
                   │ ^
        4. \`stopTimeout\` must be a duration such as "250ms", "10s" or "5m", got "soon"
           from  app.yaml:7:5
                 7 │     stopTimeout: soon
                   │     ^
        5. \`logging.level\` must be one of "debug", "info", "warn", "error", "silent", got 5
           from  app.yaml:3:1
                 3 │ logging: 5
                   │ ^
        code         ERR_CONFIG_INVALID"
    `);
  });
});

test('tags pass environment variables, file text and file bytes to a component', async () => {
  const cwd = tempFolder({
    'conf/app.yaml': 'component: { env: !Env MYENV, text: !TextFile a.txt, bytes: !BinaryFile b.bin }',
    'conf/a.txt': 'Hello, World!',
    'conf/b.bin': new Uint8Array([0, 1]),
  });
  const config = await loadConfig({ files: [join('conf', 'app.yaml')], env: { MYENV: 'from environment' }, cwd });
  const doc = 'Some option';
  const schema = defineConfig({
    env: { doc, format: 'string', required: true },
    text: { doc, format: 'string', required: true },
    bytes: { doc, format: 'binary', required: true },
  });
  const { value, problems } = await validated(schema, config);
  expect(problems).toEqual([]);
  expect(value).toEqual({ env: 'from environment', text: 'Hello, World!', bytes: new Uint8Array([0, 1]) });
});
