import { loadConfig, loadServices } from '@asphalt/core/config';
import { ConfigServiceError } from '@asphalt/core/errors';
import { errorOf, tempFolder } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';

type Data = Readonly<Record<string, unknown>>;

async function choose(data: Data | readonly Data[], service?: string, env: Record<string, string> = {}) {
  const files = Object.fromEntries([data].flat().map((one, index) => [`${index + 1}.json`, JSON.stringify(one)]));
  const config = await loadConfig({ files: Object.keys(files), cwd: tempFolder(files), env, service });
  return { service: config.service, value: config.layers.value, config: config.layers };
}

const component = { type: './a.ts:A' };
const other = { type: './b.ts:B' };

describe('the selected service', () => {
  test('is the only service, regardless of its name', async () => {
    expect(await choose({ services: { whatever: { component } } })).toMatchObject({
      service: 'whatever',
      value: { component },
    });
  });

  test('is the service `default` among several', async () => {
    const services = { web: { component: other }, default: { component } };
    expect(await choose({ services })).toMatchObject({ service: 'default', value: { component } });
  });

  test('is that of the variable, which the option overrides', async () => {
    const services = { web: { component: other }, default: { component }, third: {} };
    const env = { ASPHALT_SERVICE: 'web' };
    expect((await choose({ services }, undefined, env)).service).toBe('web');
    expect((await choose({ services }, 'third', env)).service).toBe('third');
    expect((await choose({ services }, undefined, { ASPHALT_SERVICE: '' })).service).toBe('default');
  });

  test('is undefined without services', async () => {
    expect(await choose({})).toMatchObject({ service: undefined, value: {} });
    expect((await choose({ services: null, 'x-limit': 1 })).value).toMatchObject({ 'x-limit': 1 });
  });

  test('is `default` for a component at the top level', async () => {
    expect(await choose({ component })).toMatchObject({ service: 'default', value: { component } });
    expect((await choose({ component, services: { web: { component: other } } })).service).toBe('default');
  });
});

describe('the section of a service', () => {
  test('is merged over the shared settings of the top level', async () => {
    const data = {
      'x-limit': 15,
      logging: { level: 'info' },
      services: { web: { logging: { format: 'json' }, component } },
    };
    expect((await choose(data)).value).toEqual({
      'x-limit': 15,
      logging: { level: 'info', format: 'json' },
      component,
    });
  });

  test('is merged with the component at the top level for `default`', async () => {
    const data = { component: { a: 1, b: 1 }, services: { default: { component: { b: 2 } } } };
    expect((await choose(data)).value).toEqual({ component: { a: 1, b: 2 } });
  });

  test('is not merged with the component of `default` for other services', async () => {
    const data = { component, services: { web: { component: { x: 1 } } } };
    expect((await choose(data, 'web')).value).toEqual({ component: { x: 1 } });
  });

  test('is merged over that of an earlier file, and over the top levels of both', async () => {
    const chosen = await choose([
      { 'x-limit': 1, services: { web: { 'x-limit': 2, startTimeout: 1 } } },
      { 'x-limit': 3, startTimeout: 3, services: { web: { stopTimeout: 4 } } },
    ]);
    expect(chosen.value).toEqual({ 'x-limit': 2, startTimeout: 1, stopTimeout: 4 });
    expect(chosen.config.origins(['x-limit']).map(({ text }) => text)).toEqual([
      expect.stringContaining('1.json:'),
      expect.stringContaining('2.json:'),
      expect.stringContaining('1.json:'),
    ]);
  });

  test('adds nothing if it is null', async () => {
    expect(await choose({ 'x-limit': 1, services: { web: null } })).toMatchObject({
      service: 'web',
      value: { 'x-limit': 1 },
    });
  });
});

describe('loading', () => {
  async function messageOf(data: Data, wanted?: string, env: Record<string, string> = {}): Promise<string> {
    const error = await errorOf(() => choose(data, wanted, env));
    expect(error).toBeInstanceOf(ConfigServiceError);
    return error.message;
  }

  test('rejects services that are not a mapping', async () => {
    expect(await messageOf({ services: 'blah' })).toMatchInlineSnapshot(`
      "The key \`services\` must be a mapping, got a string
        from         1.json:1:2
        help         give each service a name: services: { web: { component: … } }
        code         ERR_CONFIG_SERVICE"
    `);
  });

  test('rejects a service that is not a mapping', async () => {
    expect(await messageOf({ services: { web: [1] } })).toMatchInlineSnapshot(`
      "Service "web" must be a mapping, got a list
        from         1.json:1:14
        code         ERR_CONFIG_SERVICE"
    `);
  });

  test('rejects a key `services` without services', async () => {
    expect(await messageOf({ services: {} })).toMatchInlineSnapshot(`
      "The key \`services\` defines no services
        help         add a service to it, or remove the key
        code         ERR_CONFIG_SERVICE"
    `);
  });

  test('rejects an undefined service', async () => {
    expect(await messageOf({ services: { client: {}, server: {} } }, 'clent')).toMatchInlineSnapshot(`
      "Service "clent" is not defined
        from         --service
        help         did you mean "client"?
        code         ERR_CONFIG_SERVICE"
    `);
    expect(await messageOf({ services: { a: {}, b: {} } }, undefined, { ASPHALT_SERVICE: 'foobar' }))
      .toMatchInlineSnapshot(`
      "Service "foobar" is not defined
        from         environment variable ASPHALT_SERVICE
        help         available services: a, b
        code         ERR_CONFIG_SERVICE"
    `);
    expect(await messageOf({}, 'foobar')).toMatchInlineSnapshot(`
      "Service "foobar" is not defined
        from         --service
        help         the configuration defines no services
        code         ERR_CONFIG_SERVICE"
    `);
  });

  test('rejects several services if none is the default', async () => {
    expect(await messageOf({ services: { a: {}, b: {} } })).toMatchInlineSnapshot(`
      "Several services are defined, but none is selected or named "default"
        help         select one with --service or ASPHALT_SERVICE: a, b
        code         ERR_CONFIG_SERVICE"
    `);
  });
});

describe('loadServices()', () => {
  const named = async (data: Data, env: Record<string, string> = {}) =>
    loadServices({ files: ['a.json'], cwd: tempFolder({ 'a.json': JSON.stringify(data) }), env });

  test('returns every service, each with its own section', async () => {
    const services = await named({
      component,
      startTimeout: 1,
      services: { web: { component: other, startTimeout: 2 } },
    });
    const loaded = await Promise.all(services.map(async ({ load }) => await load()));
    expect(services.map(({ service }) => service)).toEqual(['web', 'default']);
    expect(loaded.map(({ service, services: all, value }) => ({ service, all, value }))).toEqual([
      { service: 'web', all: ['web', 'default'], value: { component: other, startTimeout: 2 } },
      { service: 'default', all: ['web', 'default'], value: { component, startTimeout: 1 } },
    ]);
  });

  test('reads the sources once, and ignores ASPHALT_SERVICE', async () => {
    async function* stdin() {
      yield JSON.stringify({ services: { a: { component }, b: { component: other } } });
    }
    const services = await loadServices({ files: ['-'], stdin: stdin(), env: { ASPHALT_SERVICE: 'b' } });
    const loaded = await Promise.all(services.map(async ({ load }) => await load()));
    expect(loaded.map(({ value }) => value)).toEqual([{ component }, { component: other }]);
  });

  test('reports a problem of one service when that service is loaded', async () => {
    const [web, worker] = await named({ services: { web: { startTimeout: 'x' }, worker: { component } } });
    expect(await errorOf(() => web!.load())).toMatchObject({ code: 'ERR_CONFIG_INVALID' });
    expect((await worker!.load()).service).toBe('worker');
  });

  test('returns one service without a name if the configuration defines none', async () => {
    const services = await named({ startTimeout: 1 });
    expect(services.map(({ service }) => service)).toEqual([undefined]);
    expect((await services[0]!.load()).value).toEqual({ startTimeout: 1 });
    expect(await errorOf(async () => (await named({ services: {} }))[0]!.load())).toBeInstanceOf(ConfigServiceError);
    expect(await errorOf(() => named({ services: [1] }))).toBeInstanceOf(ConfigServiceError);
  });
});

test('the sections of other services are not unused keys', async () => {
  const data = { 'x-limit': 1, component, services: { web: { component: other }, worker: { component } } };
  const config = await loadConfig({
    files: ['a.json'],
    cwd: tempFolder({ 'a.json': JSON.stringify(data) }),
    env: {},
    service: 'web',
  });
  expect(config.unused).toEqual([{ path: 'x-limit', from: 'a.json:1:2' }]);
  expect(config.services).toEqual(['web', 'worker', 'default']);
});
