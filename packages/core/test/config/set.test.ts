import { describe, expect, test } from 'vitest';
import { ConfigSetError } from '../../src/config/errors.ts';
import { codeLayer, LayeredConfig } from '../../src/config/layers.ts';
import type { PlainObject } from '../../src/config/merge.ts';
import { parseSet, setLayer } from '../../src/config/set.ts';
import { failureOf, tempFolder } from './temp-folder.ts';

/** A configuration with these `--set` over it. */
function configWith(below: PlainObject, ...texts: readonly string[]): LayeredConfig {
  const entries = texts.map((text) => parseSet(text, { cwd: tempFolder(), env: {} }));
  return new LayeredConfig([codeLayer(below, 'below'), setLayer(entries, below)]);
}

describe('reading', () => {
  test.each([
    ['a.b=5', ['a', 'b'], 5],
    ['a=', ['a'], null],
    ['a=x=y', ['a'], 'x=y'],
    ['a=[1, two]', ['a'], [1, 'two']],
    ['a=true', ['a'], true],
    ['a="true"', ['a'], '"true"'],
    ['a=null', ['a'], null],
    ['a=007', ['a'], '007'],
    ['a=12345678901234567890', ['a'], '12345678901234567890'],
    ['a=[1, two] # three', ['a'], '[1, two] # three'],
    ['a={b: one\ntwo}', ['a'], '{b: one\ntwo}'],
    ['a=!Env NAME', ['a'], '!Env NAME'],
    ['a=@handle', ['a'], '@handle'],
    ['a=https://example.org/#part', ['a'], 'https://example.org/#part'],
    ['levels.asphalt\\.sql=debug', ['levels', 'asphalt.sql'], 'debug'],
  ])('%s', (text, path, value) => {
    expect(parseSet(text, { cwd: tempFolder(), env: {} })).toMatchObject({ path, value });
  });

  test('tags work in mappings and lists, relative to the working folder', () => {
    const surroundings = { cwd: tempFolder({ 'secret.txt': 'hush' }), env: { NAME: 'x' } };
    expect(parseSet('a={ b: !Env NAME }', surroundings).value).toEqual({ b: 'x' });
    expect(parseSet('a=[!TextFile secret.txt]', surroundings).value).toEqual(['hush']);
  });
});

describe('setting', () => {
  test('makes the levels that are missing, and keeps what stands beside', () => {
    const below = { component: { a: 1, none: null } };
    expect(configWith(below, 'component.b.c=2', 'component.none.x=3').value).toEqual({
      component: { a: 1, b: { c: 2 }, none: { x: 3 } },
    });
  });

  test('goes in the order given', () => {
    expect(configWith({}, 'a.b=1', 'a.b=2', 'a.c=3').value).toEqual({ a: { b: 2, c: 3 } });
  });

  test('merges a mapping as every layer does', () => {
    expect(configWith({ a: { b: 1 } }, 'a={ c: 2 }').value).toEqual({ a: { b: 1, c: 2 } });
  });

  test('reaches into lists by index, and appends behind the last item', () => {
    const below = { list: [1, { a: 1, b: 2 }] };
    expect(configWith(below, 'list.0=5', 'list.1.a=6', 'list.2=7', 'list.3=8').value).toEqual({
      list: [5, { a: 6, b: 2 }, 7, 8],
    });
    expect(below).toEqual({ list: [1, { a: 1, b: 2 }] });
  });

  test('is the origin of what it set, and of nothing else', () => {
    const config = configWith({ list: [1, 2], a: { b: 1, c: 2 } }, 'list.0=05', 'a.b=6');
    const originOf = (...path: string[]) => config.origins(path)[0];
    expect(originOf('list', '0')).toEqual({ kind: 'set', text: '--set', typed: '05' });
    expect(originOf('list', '1')).toEqual({ kind: 'code', text: 'below' });
    expect(originOf('a', 'c')).toEqual({ kind: 'code', text: 'below' });
    expect(config.origins(['a', 'b']).map(({ kind }) => kind)).toEqual(['set', 'code']);
    expect(originOf('a')).toMatchObject({ kind: 'set', typed: undefined });
  });
});

describe('what cannot be set is told', () => {
  async function messageOf(below: PlainObject, text: string): Promise<string> {
    const error = await failureOf(() => configWith(below, text));
    expect(error).toBeInstanceOf(ConfigSetError);
    return error.message;
  }

  test('no equals sign', async () => {
    expect(await messageOf({}, 'foobar')).toMatchInlineSnapshot(`
      "Cannot read \`--set foobar\`: it contains no "="
        help         write --set path.to.key=value
        code         ERR_CONFIG_SET"
    `);
  });

  test.each(['=1', '.a=1', 'a.=1', 'a..b=1'])('an empty key in %s', async (text) => {
    expect(await messageOf({}, text)).toContain('a key in its path is empty');
  });

  test('a way through a scalar, without quoting it', async () => {
    expect(await messageOf({ component: { value: 's3cr3t' } }, 'component.value.foo=1')).toMatchInlineSnapshot(`
      "Cannot set \`component.value.foo\`: \`component.value\` is a string, not a mapping
        help         set \`component.value\` itself, or write a dot inside a key as \\.
        code         ERR_CONFIG_SET"
    `);
  });

  test('a way through a list', async () => {
    expect(await messageOf({ component: { listvalue: [1, 2] } }, 'component.listvalue.foo=1')).toMatchInlineSnapshot(`
      "Cannot set \`component.listvalue.foo\`: \`foo\` is not an index of the list \`component.listvalue\`
        help         use 0 to 1, or 2 to append
        code         ERR_CONFIG_SET"
    `);
  });

  test('an index behind the end of a list', async () => {
    expect(await messageOf({ list: [] }, 'list.1=1')).toMatchInlineSnapshot(`
      "Cannot set \`list.1\`: \`1\` is not an index of the list \`list\`
        help         the list is empty: use 0
        code         ERR_CONFIG_SET"
    `);
  });

  test.each(['__proto__.x=1', 'a.constructor.prototype.x=1'])('%s', async (text) => {
    expect(await messageOf({ a: {} }, text)).toContain('has a name that is reserved in JavaScript');
    expect({}).not.toHaveProperty('x');
  });
});
