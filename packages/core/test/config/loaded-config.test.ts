import { LoadedConfig } from '@asphalt/core/config';
import { ConfigKeyError } from '@asphalt/core/errors';
import { describe, expect, test } from 'vitest';

describe('LoadedConfig.fromObject()', () => {
  const api = Object.freeze({ b: 2 });
  const web = Object.freeze({ port: 1, components: Object.freeze({ api }) });
  const options = Object.freeze({ a: 1, components: Object.freeze({ web, off: null }) });
  const config = LoadedConfig.fromObject(options, { env: {} });

  test('sets options of the root component and of child components', () => {
    expect(config.root.section['a']).toBe(1);
    expect(config.root.child('web').section['port']).toBe(1);
    expect(config.root.child('web').child('api').section).toEqual({ b: 2 });
  });

  test('does not modify the object', () => {
    const again = LoadedConfig.fromObject(options, { env: {} });
    expect(again.root.section).toEqual(config.root.section);
  });

  test('records code as the origin of its values', () => {
    expect(config.root.child('web').origins(['port'])).toEqual([{ kind: 'code', text: 'set in code' }]);
    expect(config.root.child('web').origins(['host'])).toEqual([]);
  });

  test('rejects keys that could reach a prototype', () => {
    const hostile = JSON.parse('{ "__proto__": { "x": 1 } }') as Record<string, unknown>;
    expect(() => LoadedConfig.fromObject(hostile)).toThrow(ConfigKeyError);
    expect(() => config.root.withDefaults(hostile, () => 'set in code')).toThrow(ConfigKeyError);
  });
});

describe('options that parent components set in code', () => {
  const root = LoadedConfig.fromObject({ components: { web: { a: 1 } } }, { env: {} }).root;
  const outer = root.withDefaults(
    { components: { web: { a: 2, b: 2, components: { api: { x: 2 } } } } },
    () => 'outer',
  );
  const web = outer.child('web').withDefaults({ a: 3, b: 3, c: 3 }, () => 'inner');

  test('are overridden by the configuration, those of the nearest parent by all others', () => {
    expect(web.section).toMatchObject({ a: 1, b: 2, c: 3 });
    expect(web.origins(['a']).map(({ text }) => text)).toEqual(['set in code', 'outer', 'inner']);
    expect(web.origins(['c']).map(({ text }) => text)).toEqual(['inner']);
  });

  test('apply to child components that are not configured', () => {
    const api = web.child('api').withDefaults({ x: 3, y: 3 }, () => 'web');
    expect(api.section).toEqual({ x: 2, y: 3 });
    expect(api.path).toEqual(['component', 'components', 'web', 'components', 'api']);
    expect(web.childAliases).toEqual(['api']);
  });
});

test('the resource name of a section is the part of its alias after the slash', () => {
  const { root } = LoadedConfig.fromObject({}, { env: {} });
  expect([root, root.child('web'), root.child('web/news')].map((view) => view.resourceName)).toEqual([
    'default',
    'default',
    'news',
  ]);
});
