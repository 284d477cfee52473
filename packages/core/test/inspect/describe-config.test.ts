import {
  child,
  Component,
  component,
  defineApp,
  defineConfig,
  listOf,
  mapOf,
  section,
  silentLogger,
} from '@asphalt/core';
import { loadConfig, LoadedConfig, loadServices } from '@asphalt/core/config';
import { describeConfig, describeServices, diffConfig, planApplication } from '@asphalt/core/inspect';
import { tempFolder } from '@asphalt/test-support';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const doc = 'Some option';

const mailerOptions = defineConfig({
  backend: { doc: 'Where mail goes', format: ['smtp', 'file'], default: 'smtp' },
  port: { doc: 'Port of the server', format: 'port', default: 25, env: 'SMTP_PORT' },
  password: { doc: 'Password of the login', format: 'string', sensitive: true, env: 'SMTP_PASSWORD' },
  tls: { doc, format: defineConfig({ key: { doc, format: 'string', sensitive: true }, min: { doc, format: 'int' } }) },
  servers: { doc, format: listOf(defineConfig({ host: { doc, format: 'string', required: true } })) },
  timeouts: { doc, format: mapOf('duration') },
  old: { doc, format: 'int', deprecated: 'use port' },
  shape: { doc, format: z.object({ side: z.number() }) },
});

@component({ config: mailerOptions, description: 'Sends mail' })
class Mailer extends Component<typeof mailerOptions> {}

@component({ components: { mailer: child(Mailer, { port: 26 }) }, types: { mailer: Mailer } })
class App extends Component {}

describe('the description of a configuration', () => {
  test('the description contains every option, its value and the values of all layers', async () => {
    const config = await loadConfig({
      rootOptions: { components: { mailer: { port: 27 }, 'mailer/news': { password: 'hunter2' } } },
      set: ['component.components.mailer.port=28'],
      env: { SMTP_PORT: '29', SMTP_PORT_NEWS: '30' },
    });
    const { components, problems } = await describeConfig(App, { config });
    expect(problems).toEqual([]);
    expect(components.map(({ path, depth, type }) => [path, depth, type])).toEqual([
      ['', 0, 'App'],
      ['mailer', 1, 'Mailer'],
      ['mailer/news', 1, 'Mailer'],
    ]);
    const option = (index: number, name: string) => components[index]?.options.find((found) => found.name === name);
    expect(option(1, 'port')).toEqual({
      path: 'component.components.mailer.port',
      name: 'port',
      doc: 'Port of the server',
      type: 'port',
      required: false,
      sensitive: false,
      deprecated: undefined,
      variable: 'SMTP_PORT',
      default: 25,
      value: 28,
      sources: [
        { from: '--set', value: 28 },
        { from: 'environment variable SMTP_PORT', value: '29' },
        { from: 'set in code', value: 27 },
        { from: expect.stringMatching(/^set in code at /), value: 26 },
        { from: 'default', value: 25 },
      ],
      options: [],
    });
    expect(option(2, 'port')).toMatchObject({ variable: 'SMTP_PORT_NEWS', value: 30 });
    expect(option(2, 'password')).toMatchObject({ value: '***', sources: [{ from: 'set in code', value: '***' }] });
  });

  test('the description contains no sensitive value, even if it is malformed', async () => {
    const config = LoadedConfig.fromObject(
      {
        components: {
          mailer: { password: ['hunter2'], tls: { key: 'hunter2', kye: 'hunter2' }, pasword: 'hunter2' },
          'mailer/a': { tls: 'hunter2' },
        },
      },
      { env: { SMTP_PASSWORD: 'hunter2', SMTP_PASSWORD_A: 'hunter2' } },
    );
    const description = await describeConfig(App, { config });
    expect(description.problems).not.toEqual([]);
    expect(JSON.stringify(description)).not.toContain('hunter2');
    expect(description.problems.map(({ message }) => message).join()).not.toContain('hunter2');
  });
});

describe('the JSON Schema of a configuration', () => {
  async function validator() {
    const { jsonSchema } = await describeConfig(App);
    return new Ajv2020({ allErrors: true, allowMatchingProperties: true, allowUnionTypes: true }).compile(jsonSchema);
  }

  test.each([
    'component: { type: ./app.ts:App }\nlogging: info\nstartTimeout: 5s',
    'logging: { level: warn, levels: { web: debug, asphalt.sql: info }, format: json, file: var/app.log }',
    'x-any: { thing: 1 }\nservices: { web: { component: { type: x }, stopTimeout: 2 } }',
    'component:\n  components:\n    mailer: { port: "25", backend: file, tls: { min: 1 }, timeouts: { read: 1s } }',
    'component:\n  components:\n    mailer:\n    mailer/news: { servers: [{ host: a }], shape: { side: 1 }, password: null }',
    'component:\n  components:\n    other: { type: ./other.ts:Other, anything: 1 }',
  ])('the JSON Schema accepts a valid configuration: %s', async (text) => {
    const validate = await validator();
    expect({ fits: validate(parse(text)), errors: validate.errors }).toEqual({ fits: true, errors: null });
  });

  test.each([
    'componet: {}',
    'startTimeout: soon',
    'logging: loud',
    'logging: { level: loud }',
    'logging: { levels: { web: loud } }',
    'logging: { format: xml }',
    'logging: { levle: info }',
    'component: { prot: 1 }',
    'component: { components: { mailer: { prot: 1 } } }',
    'component: { components: { mailer: { port: 80a } } }',
    'component: { components: { mailer: { port: 65536 } } }',
    'component: { components: { mailer/news: { backend: pigeon } } }',
    'component: { components: { mailer: { tls: { kye: x } } } }',
    'component: { components: { mailer: { servers: [{}] } } }',
    'component: { components: { mailer: { timeouts: { read: soon } } } }',
    'component: { components: { mailer: { shape: { side: x } } } }',
  ])('the JSON Schema rejects an invalid configuration: %s', async (text) => {
    expect((await validator())(parse(text))).toBe(false);
  });
});

describe('the difference of two configurations', () => {
  const of = (port: number, password: string, more: object = {}) =>
    LoadedConfig.fromObject(
      { type: App, components: { mailer: { port, password, tls: { min: port } }, ...more } },
      { env: {} },
    );

  test('differences are listed by option, and sensitive values are masked', async () => {
    const { differences, problems } = await diffConfig(of(1, 'hunter1'), of(2, 'hunter2', { 'mailer/b': { old: 1 } }));
    const from = 'set in code';
    const path = 'component.components.mailer';
    expect(problems).toEqual([]);
    expect(differences).toEqual([
      { path: `${path}.port`, before: { value: 1, from }, after: { value: 2, from } },
      { path: `${path}.password`, before: { value: '***', from }, after: { value: '***', from } },
      { path: `${path}.tls.min`, before: { value: 1, from }, after: { value: 2, from } },
      { path: `${path}/b.type`, before: undefined, after: { value: 'Mailer', from } },
      { path: `${path}/b.old`, before: undefined, after: { value: 1, from } },
    ]);
  });

  test('equal configurations have no differences', async () => {
    expect((await diffConfig(of(1, 'a'), of(1, 'a'))).differences).toEqual([]);
  });
});

describe('a configuration written in TypeScript', () => {
  const written = defineApp({
    component: section(App, {
      components: { mailer: section(Mailer, { backend: 'file' }), 'mailer/news': { port: 1 }, extra: null },
    }),
    startTimeout: '5s',
    logging: { levels: { mailer: 'debug' } },
    services: { quiet: { logging: 'silent' } },
  });

  test('a configuration in TypeScript is plain data with classes as types', () => {
    expect(written).toEqual({
      component: {
        type: App,
        components: { mailer: { type: Mailer, backend: 'file' }, 'mailer/news': { port: 1 }, extra: null },
      },
      startTimeout: '5s',
      logging: { levels: { mailer: 'debug' } },
      services: { quiet: { logging: 'silent' } },
    });
  });

  test('the compiler checks a configuration in TypeScript', () => {
    // @ts-expect-error unknown backend
    section(Mailer, { backend: 'pigeon' });
    // @ts-expect-error unknown option
    section(Mailer, { bakend: 'file' });
    // @ts-expect-error unknown setting
    defineApp({ startTimeot: '5s' });
    // @ts-expect-error not a duration
    defineApp({ startTimeout: 'soon' });
    // @ts-expect-error unknown level
    defineApp({ logging: 'loud' });
    // @ts-expect-error levels have names
    defineApp({ logging: { levels: { mailer: 20 } } });
  });
});

test('deprecated options are logged as warnings', async () => {
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
  await planApplication(App, { config: { components: { mailer: { old: 1 } } }, logger });
  expect(warnings).toEqual(['`component.components.mailer.old` is deprecated (set in code): use port']);
});

describe('the JSON Schema of several services', () => {
  const services = { web: { component: { type: App } }, mail: { component: { type: Mailer } } };

  async function schemaOf(data: object) {
    const cwd = tempFolder({ 'a.ts': '' });
    const configs = await loadServices({
      files: ['a.ts'],
      importModule: () => Promise.resolve({ default: data }),
      cwd,
      env: {},
    });
    const { jsonSchema, problems } = await describeServices(await Promise.all(configs.map(({ load }) => load())));
    return { fits: new Ajv2020({ allowUnionTypes: true }).compile(jsonSchema), jsonSchema, problems };
  }

  test('checks the components of each service', async () => {
    const { fits, jsonSchema, problems } = await schemaOf({ services });
    expect(problems).toEqual([]);
    expect(jsonSchema['title']).toBe('Configuration of App, Mailer');
    const fitting = (service: string, component: object): boolean => fits({ services: { [service]: { component } } });
    expect(fitting('web', { components: { mailer: { port: 25 } } })).toBe(true);
    expect(fitting('web', { components: { mailer: { port: 'x' } } })).toBe(false);
    expect(fitting('mail', { port: 25, backend: 'file' })).toBe(true);
    expect(fitting('mail', { prot: 25 })).toBe(false);
    expect(fitting('other', { any: 1 })).toBe(true);
    expect(fits({ services: { mail: { stopTimeout: '1s', 'x-note': 1 } } })).toBe(true);
    expect(fits({ services: { mail: { unknown: 1 } } })).toBe(false);
    expect(fits({ component: { any: 1 } })).toBe(true);
  });

  test('checks the component at the top level and the service `default` alike', async () => {
    const { fits } = await schemaOf({ component: { type: App }, services: { ...services, default: {} } });
    const wrong = { components: { mailer: { port: 'x' } } };
    expect(fits({ component: wrong })).toBe(false);
    expect(fits({ services: { default: { component: wrong } } })).toBe(false);
    expect(fits({ services: { web: { component: wrong } } })).toBe(false);
    expect(fits({ services: { default: { component: { components: { mailer: { port: 25 } } } } } })).toBe(true);
  });

  test('leaves the component at the top level open if another service is described', async () => {
    const { fits } = await schemaOf({ services });
    expect(fits({ component: { components: { mailer: { port: 'x' } } } })).toBe(true);
  });
});
