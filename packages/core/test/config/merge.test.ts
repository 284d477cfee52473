import type { PlainObject } from '@asphalt/core/config';
import { ConfigKeyError } from '@asphalt/core/errors';
import { errorOf } from '@asphalt/test-support';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frozenCopy, isPlainObject, mergeConfig } from '../../src/config/merge.ts';

test.each([
  [
    { a: 1, b: { x: 1, y: 3 } },
    { a: 2, b: { x: 5 } },
    { a: 2, b: { x: 5, y: 3 } },
  ],
  [{ l: [1, 2] }, { l: [3] }, { l: [3] }],
  [{ b: { x: 1 } }, { b: null }, { b: null }],
  [{ b: 1 }, { b: { x: 1 } }, { b: { x: 1 } }],
  [{ b: null }, { b: { x: 1 } }, { b: { x: 1 } }],
  [{}, { 'x.y.z': [3] }, { 'x.y.z': [3] }],
  [{ a: 1 }, { a: undefined }, { a: 1 }],
  [null, { a: 1 }, { a: 1 }],
  [{ a: 1 }, null, { a: 1 }],
  [undefined, undefined, {}],
])('mergeConfig(%j, %j) returns %j', (base, overrides, merged) => {
  expect(mergeConfig(base, overrides)).toEqual(merged);
});

test('mergeConfig() merges only plain objects and replaces bytes and class instances', () => {
  class Settings {
    constructor(readonly a: number) {}
  }
  const settings = new Settings(1);
  const bytes = new Uint8Array([1]);
  expect(mergeConfig({ x: { a: 2, b: 3 }, y: { a: 1 } }, { x: settings, y: bytes })).toEqual({ x: settings, y: bytes });
});

test('mergeConfig() treats a key with the name of an inherited property as data', () => {
  expect(mergeConfig({}, { toString: { a: 1 } })).toEqual({ toString: { a: 1 } });
});

describe('mergeConfig()', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd');
  const { data } = fc.letrec<{ data: PlainObject; value: unknown }>((tie) => ({
    data: fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }) as fc.Arbitrary<PlainObject>,
    value: fc.oneof({ maxDepth: 4 }, fc.integer(), fc.constant(null), fc.array(fc.integer()), tie('data')),
  }));

  test('changes nothing if either side is empty', () => {
    fc.assert(
      fc.property(data, (one) => {
        expect(mergeConfig(one, {})).toEqual(one);
        expect(mergeConfig({}, one)).toEqual(one);
      }),
    );
  });

  test('returns an equal object when it merges an object with itself', () => {
    fc.assert(
      fc.property(data, (one) => {
        expect(mergeConfig(one, one)).toEqual(one);
      }),
    );
  });

  test('keeps every leaf of the overrides', () => {
    fc.assert(
      fc.property(data, data, (base, over) => {
        expect(mergeConfig(base, over)).toMatchObject(over);
      }),
    );
  });

  test('does not modify its inputs, even if they are deeply frozen', () => {
    fc.assert(
      fc.property(data, data, (base, over) => {
        const before = JSON.stringify([base, over]);
        mergeConfig(frozenCopy(base) as PlainObject, frozenCopy(over) as PlainObject);
        mergeConfig(base, over);
        expect(JSON.stringify([base, over])).toBe(before);
      }),
    );
  });

  // Merging is not associative if a later layer restores an object that a layer in between replaced.
  test('is associative if only objects replace objects', () => {
    const levels = fc.record(
      { a: fc.integer(), b: fc.record({ x: fc.integer(), y: fc.integer() }, { requiredKeys: [] }) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(levels, levels, levels, (one, two, three) => {
        expect(mergeConfig(mergeConfig(one, two), three)).toEqual(mergeConfig(one, mergeConfig(two, three)));
      }),
    );
  });
});

describe('mergeConfig() for hostile data', () => {
  test.each(['__proto__', 'constructor', 'prototype'])('rejects a key named %s on either side', (key) => {
    const hostile = JSON.parse(`{ "a": [{ "${key}": { "polluted": true } }] }`) as PlainObject;
    expect(() => mergeConfig({}, hostile)).toThrow(ConfigKeyError);
    expect(() => mergeConfig(hostile, {})).toThrow(ConfigKeyError);
    expect(Object.prototype).not.toHaveProperty('polluted');
  });

  test('names the forbidden key in the message', async () => {
    const error = await errorOf(() => mergeConfig({}, { a: { constructor: 1 } }));
    expect(error.message).toMatchInlineSnapshot(`
      "Configuration key \`a.constructor\` has a name that is reserved in JavaScript
        help         rename it or leave it out
        code         ERR_CONFIG_KEY"
    `);
  });

  test('rejects data that contains itself', async () => {
    const round: Record<string, unknown> = {};
    round['again'] = { round };
    const error = await errorOf(() => mergeConfig({ round }, {}));
    expect(error.message).toMatchInlineSnapshot(`
      "Configuration key \`round.again.round\` contains itself
        help         rename it or leave it out
        code         ERR_CONFIG_KEY"
    `);
  });

  test('rejects data nested thousands of levels deep', () => {
    let deep: PlainObject = {};
    for (let level = 0; level < 5_000; level++) deep = { deep };
    expect(() => mergeConfig(deep, {})).toThrow('is nested more than 1000 levels deep');
  });

  test('accepts one object in several places', () => {
    const shared = { x: 1 };
    expect(mergeConfig({ a: shared, b: shared }, { a: { y: 2 } })).toEqual({ a: { x: 1, y: 2 }, b: { x: 1 } });
  });
});

test('isPlainObject() accepts only plain objects', () => {
  expect([{}, Object.create(null)].every(isPlainObject)).toBe(true);
  expect([null, [], new Map(), new Date(), () => 1, 'x', new (class A {})()].some(isPlainObject)).toBe(false);
});
