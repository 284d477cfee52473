import { Component, component, defineConfig, inject, provides, startApplication, token } from '@asphalt/core';
import { loadConfig } from '@asphalt/core/config';
import { describeConfig, describePlan, planApplication } from '@asphalt/core/inspect';
import { errorOf } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';

const Database = token<string>('Database');

class SqlComponent extends Component {
  @provides(Database)
  database(): string {
    return 'database';
  }
}

@component({ components: { sql: SqlComponent } })
class Storage extends Component {}

class Page extends Component {}

const options = defineConfig({ port: { doc: 'Port', format: 'port', required: true } });

@component({ config: options, components: { page: Page } })
class Web extends Component<typeof options> {}

@component({ components: { web: Web, storage: Storage }, types: { page: Page, sql: SqlComponent } })
class App extends Component {}

const paths = async (config: object): Promise<string[]> =>
  (await planApplication(App, { config: config as never })).components.map(({ node }) => node.path);

describe('enabled: false', () => {
  test('removes a child that code declares, its options and its children', async () => {
    expect(await paths({ components: { web: { enabled: false, port: 'wrong' } } })).toEqual([
      '',
      'storage',
      'storage.sql',
    ]);
  });

  test('removes a child that only the configuration declares, without loading its module', async () => {
    const plan = await planApplication(App, {
      config: { components: { web: { enabled: false }, other: { type: './missing.ts:Other', enabled: false } } },
    });
    expect(plan.problems).toEqual([]);
    expect(plan.disabled.map(({ path }) => path)).toEqual(['web', 'other']);
  });

  test.each([
    ['a variable', { ASPHALT_SET_A: 'component.components.web.enabled=false' }, []],
    ['--set', {}, ['component.components.web.enabled=false']],
  ])('accepts the text of %s', async (_, env, set) => {
    const config = await loadConfig({ rootOptions: {}, env, set });
    const plan = await planApplication(App, { config });
    expect(plan.disabled).toMatchObject([{ path: 'web' }]);
  });

  test.each([[true], ['true'], [null]])('%j keeps the component', async (enabled) => {
    const { problems, disabled } = await planApplication(App, {
      config: { components: { web: { enabled, port: 1 } } },
    });
    expect([problems, disabled]).toEqual([[], []]);
  });

  test.each([
    ['a value that is no boolean', { components: { web: { enabled: 'no', port: 1 } } }],
    ['the root component', { enabled: false, components: { web: { port: 1 } } }],
    ['a misspelled key', { components: { web: { enabld: false, port: 1 } } }],
  ])('%s is a problem', async (_, config) => {
    const { problems } = await planApplication(App, { config });
    expect(problems.map(({ message }) => message)).toMatchSnapshot();
  });

  test('of a misspelled alias is a problem', async () => {
    const config = await loadConfig({
      rootOptions: {},
      env: {},
      set: ['component.components.web.port=1', 'component.components.storag.enabled=false'],
    });
    const { problems } = await planApplication(App, { config });
    expect(problems.map(({ message }) => message)).toMatchInlineSnapshot(`
      [
        "\`component.components.storag.enabled\` disables an unknown component
        from         --set
        help         did you mean \`storage\`?
        code         ERR_CONFIG_INVALID",
      ]
    `);
  });

  test('of an alias that resembles no other is a problem', async () => {
    const { problems } = await planApplication(App, {
      config: { components: { web: { port: 1 }, telemetry: { enabled: false } } },
    });
    expect(problems.map(({ message }) => message)).toMatchInlineSnapshot(`
      [
        "\`component.components.telemetry.enabled\` disables an unknown component
        from         set in code
        help         remove it, or set the \`type\` of the component
        code         ERR_CONFIG_INVALID",
      ]
    `);
  });

  test.each([
    ['a known type', { components: { 'page/second': { enabled: false } } }],
    ['other options', { components: { telemetry: { enabled: false, url: 'http://localhost' } } }],
    ['a type', { components: { telemetry: { enabled: false, type: './missing.ts:Telemetry' } } }],
  ])('of a child that only the configuration declares with %s is no problem', async (_, config) => {
    const { problems } = await planApplication(App, {
      config: { components: { web: { port: 1 }, ...config.components } },
    });
    expect(problems).toEqual([]);
  });

  test('of a child that a function returns only for other options is no problem', async () => {
    const withPage = defineConfig({ page: { doc: 'Whether there is a page', format: 'boolean', default: false } });
    @component({ config: withPage, components: ({ page }) => (page ? { page: Page } : {}) })
    class Root extends Component<typeof withPage> {}
    const { problems } = await planApplication(Root, { config: { components: { page: { enabled: false } } } });
    expect(problems).toEqual([]);
  });

  test('a log level of a disabled component is no problem', async () => {
    const config = await loadConfig({
      rootOptions: { components: { web: { enabled: false } } },
      set: ['logging.levels.web=debug', 'logging.levels.web\\.page=debug'],
      env: {},
    });
    expect((await planApplication(App, { config })).problems).toEqual([]);
  });
});

describe('a missing provider', () => {
  class Reader extends Component {
    @inject(Database) readonly database!: string;
  }

  test('names the disabled component that would provide the key', async () => {
    @component({ components: { storage: Storage, reader: Reader } })
    class Root extends Component {}
    const start = startApplication(Root, { config: { components: { storage: { enabled: false } } } });
    expect((await errorOf(start)).message.replace(/declared at .*/, 'declared at <place>')).toMatchSnapshot();
  });

  test('does not name disabled components that provide the key under another name', async () => {
    @component({ components: { 'sql/other': SqlComponent, reader: Reader } })
    class Root extends Component {}
    const start = startApplication(Root, { config: { components: { 'sql/other': { enabled: false } } } });
    expect((await errorOf(start)).message).not.toContain('is disabled');
  });
});

test('a component cannot declare an option `enabled`, but a section of its options can', async () => {
  const reserved = defineConfig({ enabled: { doc: 'Whether it works', format: 'boolean' } });
  const declare = (): unknown => component({ config: reserved });
  expect((await errorOf(declare)).message).toMatchSnapshot();
  expect(component({ config: defineConfig({ tls: { doc: 'Encryption', format: reserved } }) })).toBeTypeOf('function');
});

test('descriptions contain disabled components, and the JSON Schema contains `enabled` for children only', async () => {
  const config = { components: { web: { enabled: false } } };
  expect(describePlan(await planApplication(App, { config })).disabled).toEqual([
    { path: 'web', alias: 'web', parent: '' },
  ]);
  const { disabled, jsonSchema } = await describeConfig(App, { config });
  expect(disabled).toEqual([{ path: 'web', from: 'set in code' }]);
  expect(jsonSchema).toMatchObject({
    properties: {
      component: {
        properties: {
          components: {
            properties: { storage: { properties: { enabled: { anyOf: expect.any(Array) as unknown[] } } } },
          },
        },
      },
    },
  });
  expect(jsonSchema).not.toHaveProperty('properties.component.properties.enabled');
});
