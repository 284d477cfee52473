import { defineConfig } from '@asphalt/core';
import { loadConfig, LoadedConfig } from '@asphalt/core/config';
import { ConfigSetError } from '@asphalt/core/errors';
import { errorOf, tempFolder } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import { validated } from './validated.ts';

type Data = Readonly<Record<string, unknown>>;

/** Returns a configuration with these `--set` values over a file. */
async function configWith(below: Data, ...set: readonly string[]) {
  const cwd = tempFolder({ 'below.json': JSON.stringify(below), 'secret.txt': 'hush' });
  return (await loadConfig({ files: ['below.json'], set, cwd, env: { NAME: 'x' }, collectProblems: true })).layers;
}

describe('the value of --set', () => {
  test.each([
    ['a.b=5', { a: { b: 5 } }],
    ['a=', { a: null }],
    ['a=x=y', { a: 'x=y' }],
    ['a=[1, two]', { a: [1, 'two'] }],
    ['a=true', { a: true }],
    ['a="true"', { a: '"true"' }],
    ['a=null', { a: null }],
    ['a=007', { a: '007' }],
    ['a=12345678901234567890', { a: '12345678901234567890' }],
    ['a=[1, two] # three', { a: '[1, two] # three' }],
    ['a={b: one\ntwo}', { a: '{b: one\ntwo}' }],
    ['a=!Env NAME', { a: '!Env NAME' }],
    ['a=@handle', { a: '@handle' }],
    ['a=https://example.org/#part', { a: 'https://example.org/#part' }],
    ['levels.asphalt\\.sql=debug', { levels: { 'asphalt.sql': 'debug' } }],
    ['detector/news.every=1s', { 'detector/news': { every: '1s' } }],
  ])('is parsed in %s', async (text, value) => {
    expect((await configWith({}, text)).value).toEqual(value);
  });

  test('supports tags in mappings and lists, relative to the working folder', async () => {
    const { value } = await configWith({}, 'a={ b: !Env NAME }', 'c=[!TextFile secret.txt]');
    expect(value).toEqual({ a: { b: 'x' }, c: ['hush'] });
  });
});

test('the path of a problem is a path for --set', async () => {
  for (const key of ['a.b', '.', 'd\\e']) {
    const config = LoadedConfig.fromObject({ [key]: { '.': 1 } }, { env: {} });
    const { problems } = await validated(defineConfig({}), config);
    expect((await configWith({}, `${problems[0]!.path}.c=1`)).value).toEqual({ component: { [key]: { c: 1 } } });
  }
});

test('a path does not lead to inherited properties', async () => {
  const config = await configWith({ list: [{ b: 1 }], text: 'a' });
  expect(config.origins(['list', '0', 'b'])).toHaveLength(1);
  expect(config.origins(['toString'])).toEqual([]);
  expect(config.origins(['text', 'length'])).toEqual([]);
});

describe('entries of --set', () => {
  test('creates missing levels and keeps neighboring values', async () => {
    const below = { component: { a: 1, none: null } };
    expect((await configWith(below, 'component.b.c=2', 'component.none.x=3')).value).toEqual({
      component: { a: 1, b: { c: 2 }, none: { x: 3 } },
    });
  });

  test('applies entries in their order', async () => {
    expect((await configWith({}, 'a.b=1', 'a.b=2', 'a.c=3')).value).toEqual({ a: { b: 2, c: 3 } });
  });

  test('merges a mapping like any layer', async () => {
    expect((await configWith({ a: { b: 1 } }, 'a={ c: 2 }')).value).toEqual({ a: { b: 1, c: 2 } });
  });

  test('sets list items by index and appends after the last item', async () => {
    const below = { list: [1, { a: 1, b: 2 }] };
    expect((await configWith(below, 'list.0=5', 'list.1.a=6', 'list.2=7', 'list.3=8')).value).toEqual({
      list: [5, { a: 6, b: 2 }, 7, 8],
    });
    expect(below).toEqual({ list: [1, { a: 1, b: 2 }] });
  });

  test('is the origin only of the values that it sets', async () => {
    const config = await configWith({ list: [1, 2], a: { b: 1, c: 2 } }, 'list.0=05', 'a.b=6');
    const below = expect.objectContaining({ kind: 'file' }) as unknown;
    const originOf = (...path: string[]) => config.origins(path)[0];
    expect(originOf('list', '0')).toEqual({ kind: 'set', text: '--set', typed: '05' });
    expect(originOf('list', '1')).toEqual(below);
    expect(originOf('a', 'c')).toEqual(below);
    expect(config.origins(['a', 'b']).map(({ kind }) => kind)).toEqual(['set', 'file']);
    expect(originOf('a')).toMatchObject({ kind: 'set', typed: undefined });
  });
});

describe('--set', () => {
  async function messageOf(below: Data, text: string): Promise<string> {
    const error = await errorOf(() => configWith(below, text));
    expect(error).toBeInstanceOf(ConfigSetError);
    return error.message;
  }

  test('rejects text without an equals sign', async () => {
    expect(await messageOf({}, 'foobar')).toMatchInlineSnapshot(`
      "Cannot read \`--set foobar\`: it contains no "="
        help         write --set path.to.key=value
        code         ERR_CONFIG_SET"
    `);
  });

  test.each(['=1', '.a=1', 'a.=1', 'a..b=1'])('rejects the empty key in %s', async (text) => {
    expect(await messageOf({}, text)).toContain('a key in its path is empty');
  });

  test('rejects a path through a scalar without quoting the scalar', async () => {
    expect(await messageOf({ component: { value: 's3cr3t' } }, 'component.value.foo=1')).toMatchInlineSnapshot(`
      "Cannot set \`component.value.foo\`: \`component.value\` is a string, not a mapping
        help         set \`component.value\` itself, or write a dot inside a key as \\.
        code         ERR_CONFIG_SET"
    `);
  });

  test('rejects a path through a list with a key that is not an index', async () => {
    expect(await messageOf({ component: { listvalue: [1, 2] } }, 'component.listvalue.foo=1')).toMatchInlineSnapshot(`
      "Cannot set \`component.listvalue.foo\`: \`foo\` is not an index of the list \`component.listvalue\`
        help         use 0 to 1, or 2 to append
        code         ERR_CONFIG_SET"
    `);
  });

  test('rejects an index beyond the end of a list', async () => {
    expect(await messageOf({ list: [] }, 'list.1=1')).toMatchInlineSnapshot(`
      "Cannot set \`list.1\`: \`1\` is not an index of the list \`list\`
        help         the list is empty: use 0
        code         ERR_CONFIG_SET"
    `);
  });

  test.each(['__proto__.x=1', 'a.constructor.prototype.x=1'])('rejects the forbidden key in %s', async (text) => {
    expect(await messageOf({ a: {} }, text)).toContain('has a name that is reserved in JavaScript');
    expect({}).not.toHaveProperty('x');
  });
});
