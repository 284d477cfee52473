import { defineConfig } from '@asphalt/core';
import { loadConfig, loadServices, type LoadConfigOptions } from '@asphalt/core/config';
import { ConfigFileError } from '@asphalt/core/errors';
import { errorOf, tempFolder } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import { validated } from './validated.ts';

const options = defineConfig({
  port: { doc: 'Port', format: 'port', default: 80, env: 'PORT' },
  token: { doc: 'Login', format: 'string', env: 'TOKEN', sensitive: true },
  text: { doc: 'Text', format: 'string', default: '', env: 'TEXT' },
  tags: { doc: 'Tags', format: 'object', default: {}, env: 'TAGS' },
});

/** Loads a configuration with the variables of files. */
function load(files: Readonly<Record<string, string>>, more: LoadConfigOptions = {}) {
  return loadConfig({ envFiles: Object.keys(files), cwd: tempFolder(files), env: {}, ...more });
}

describe('variables of files', () => {
  test('are below the environment, and a later file overrides an earlier one', async () => {
    const config = await load(
      { '.env': 'PORT=1\nTEXT=first\nTOKEN=a', 'local.env': 'PORT=2\nTEXT=second' },
      { env: { PORT: '3', TEXT: '' } },
    );
    expect((await validated(options, config)).value).toMatchObject({ port: 3, text: 'second', token: 'a' });
    expect(process.env['TOKEN']).toBeUndefined();
  });

  test('are never evaluated or expanded', async () => {
    const config = await load({ '.env': 'TEXT=$(id) `id` $HOME ${HOME}' });
    expect((await validated(options, config)).value.text).toBe('$(id) `id` $HOME ${HOME}');
  });

  test('select a service and set values by path', async () => {
    const config = await load(
      { 'vars/.env': 'ASPHALT_SERVICE=two\nASPHALT_SET_A=component.port=81' },
      {
        rootOptions: {},
        set: ['services.one.component.type=x', 'services.two.component.type=y'],
      },
    );
    expect([config.service, config.value]).toEqual(['two', { component: { type: 'y', port: 81 } }]);
    expect(config.layers.origins(['component', 'port'])[0]?.text).toBe(
      'environment variable ASPHALT_SET_A in vars/.env:2',
    );
  });

  test('apply to all services', async () => {
    const cwd = tempFolder({ '.env': 'ASPHALT_SET_A=component.port=81' });
    const [only] = await loadServices({ envFiles: ['.env'], cwd, env: {} });
    expect((await only!.load()).value).toEqual({ component: { port: 81 } });
  });
});

describe('the origin of a variable', () => {
  test.each([
    ['PORT=80a', 1],
    ['# comment\n\nexport PORT=80a', 3],
    ['TEXT="first\nPORT=1\nlast"\nPORT = 80a', 4],
    ["TEXT='it is\nPORT=1' \n  PORT=80a # comment", 3],
    [`TEXT="open\nPORT=80a`, 2],
    ['PORT=1\r\nPORT=80a\r\n', 2],
  ])('in %j is its line', async (text, line) => {
    const { problems } = await validated(options, await load({ '.env': text }));
    expect(problems).toMatchObject([{ from: `environment variable PORT in .env:${line}` }]);
  });

  test('is in the message, without a sensitive value', async () => {
    const config = await load({ '.env': 'PORT=80a\nTAGS=hunter2' });
    const { problems } = await validated(options, config);
    expect(problems).toMatchObject([
      { path: 'component.port', got: '"80a"', from: 'environment variable PORT in .env:1' },
      { path: 'component.tags', from: 'environment variable TAGS in .env:2' },
    ]);
  });
});

describe('a file that cannot be used', () => {
  test.each([
    ['a missing file', {}],
    ['a line that is not a variable', { '.env': 'PORT=1\nhunter2\n' }],
    ['a text without a name', { '.env': '=hunter2' }],
    ['bytes that are not text', { '.env': Buffer.from([0xff, 0xfe]) as unknown as string }],
  ])('is reported: %s', async (_, files) => {
    const cwd = tempFolder(files);
    const error = await errorOf(loadConfig({ envFiles: ['.env'], cwd, env: {} }), ConfigFileError);
    expect(error.message).toMatchSnapshot();
    expect(error.message).not.toContain('hunter2');
  });
});
