import { describe, expect, test } from 'vitest';
import { ConfigServiceError } from '../../src/config/errors.ts';
import { codeLayer, LayeredConfig } from '../../src/config/layers.ts';
import type { PlainObject } from '../../src/config/merge.ts';
import { chooseService } from '../../src/config/sources/services.ts';
import { failureOf } from './temp-folder.ts';

function choose(data: PlainObject | readonly PlainObject[], wanted?: string, env: Record<string, string> = {}) {
  const layers = [data].flat().map((one, index) => codeLayer(one, `layer ${index + 1}`));
  const chosen = chooseService(new LayeredConfig(layers), { wanted, env });
  const config = new LayeredConfig(chosen.layers);
  return { service: chosen.service, value: config.value, config };
}

const component = { type: './a.ts:A' };
const other = { type: './b.ts:B' };

describe('the selected service', () => {
  test('is the only service, regardless of its name', () => {
    expect(choose({ services: { whatever: { component } } })).toMatchObject({
      service: 'whatever',
      value: { component },
    });
  });

  test('is the service `default` among several', () => {
    const services = { web: { component: other }, default: { component } };
    expect(choose({ services })).toMatchObject({ service: 'default', value: { component } });
  });

  test('is that of the variable, which the option overrides', () => {
    const services = { web: { component: other }, default: { component }, third: {} };
    const env = { ASPHALT_SERVICE: 'web' };
    expect(choose({ services }, undefined, env).service).toBe('web');
    expect(choose({ services }, 'third', env).service).toBe('third');
    expect(choose({ services }, undefined, { ASPHALT_SERVICE: '' }).service).toBe('default');
  });

  test('is undefined without services', () => {
    expect(choose({})).toMatchObject({ service: undefined, value: {} });
    expect(choose({ services: null, 'x-limit': 1 }).value).toMatchObject({ 'x-limit': 1 });
  });

  test('is `default` for a component at the top level', () => {
    expect(choose({ component })).toMatchObject({ service: 'default', value: { component } });
    expect(choose({ component, services: { web: { component: other } } }).service).toBe('default');
  });
});

describe('the section of a service', () => {
  test('is merged over the shared settings of the top level', () => {
    const data = {
      'x-limit': 15,
      logging: { level: 'info' },
      services: { web: { logging: { color: true }, component } },
    };
    expect(choose(data).value).toEqual({ 'x-limit': 15, logging: { level: 'info', color: true }, component });
  });

  test('is merged with the component at the top level for `default`', () => {
    const data = { component: { a: 1, b: 1 }, services: { default: { component: { b: 2 } } } };
    expect(choose(data).value).toEqual({ component: { a: 1, b: 2 } });
  });

  test('is not merged with the component of `default` for other services', () => {
    const data = { component, services: { web: { component: { x: 1 } } } };
    expect(choose(data, 'web').value).toEqual({ component: { x: 1 } });
  });

  test('is merged over that of an earlier file, and over the top levels of both', () => {
    const chosen = choose([
      { 'x-limit': 1, services: { web: { 'x-limit': 2, startTimeout: 1 } } },
      { 'x-limit': 3, startTimeout: 3, services: { web: { stopTimeout: 4 } } },
    ]);
    expect(chosen.value).toEqual({ 'x-limit': 2, startTimeout: 1, stopTimeout: 4 });
    expect(chosen.config.origins(['x-limit']).map(({ text }) => text)).toEqual(['layer 1', 'layer 2', 'layer 1']);
  });

  test('adds nothing if it is null', () => {
    expect(choose({ 'x-limit': 1, services: { web: null } })).toMatchObject({
      service: 'web',
      value: { 'x-limit': 1 },
    });
  });
});

describe('chooseService()', () => {
  async function messageOf(data: PlainObject, wanted?: string, env: Record<string, string> = {}): Promise<string> {
    const error = await failureOf(() => choose(data, wanted, env));
    expect(error).toBeInstanceOf(ConfigServiceError);
    return error.message;
  }

  test('rejects services that are not a mapping', async () => {
    expect(await messageOf({ services: 'blah' })).toMatchInlineSnapshot(`
      "The key \`services\` must be a mapping, got a string
        from         layer 1
        help         give each service a name: services: { web: { component: … } }
        code         ERR_CONFIG_SERVICE"
    `);
  });

  test('rejects a service that is not a mapping', async () => {
    expect(await messageOf({ services: { web: [1] } })).toMatchInlineSnapshot(`
      "Service "web" must be a mapping, got a list
        from         layer 1
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
