import { loadConfig, type PlainObject } from '@asphalt/core/config';
import { tempFolder } from '@asphalt/test-support';
import { stringify } from 'yaml';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeLayer, LayeredConfig } from '../../src/config/layers.ts';
import { isPlainObject, mergeConfig } from '../../src/config/merge.ts';
import { valueAt, type ConfigPath } from '../../src/config/path.ts';

const key = fc.constantFrom('a', 'b', 'c.d', 'e/f');
const { data } = fc.letrec<{ data: PlainObject; value: unknown }>((tie) => ({
  data: fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }) as fc.Arbitrary<PlainObject>,
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer(),
    fc.constant(null),
    fc.array(fc.integer(), { maxLength: 2 }),
    tie('data'),
  ),
}));
const several = fc.array(data, { maxLength: 4 });

/** Returns the paths of all values that are not mappings. */
function leaves(value: unknown, path: ConfigPath = []): ConfigPath[] {
  if (!isPlainObject(value)) return [path];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, [...path, name]));
}

describe('LayeredConfig', () => {
  test('has the same value as its layers merged one after the other', () => {
    fc.assert(
      fc.property(several, (all) => {
        const config = new LayeredConfig(all.map((one, index) => codeLayer(one, () => `layer ${index}`)));
        expect(config.value).toEqual(all.reduce<PlainObject>(mergeConfig, {}));
      }),
    );
  });

  test('returns the layer of every value and the layers that it overrides', () => {
    fc.assert(
      fc.property(several, (all) => {
        const config = new LayeredConfig(all.map((one, index) => codeLayer(one, () => `layer ${index}`)));
        for (const path of leaves(config.value)) {
          const value = valueAt(config.value, path);
          const holders = all.map((one, index) => ({ value: valueAt(one, path), from: `layer ${index}` }));
          const expected = holders.filter((holder) => holder.value !== undefined).reverse();
          expect(config.statements(path).map(({ origin }) => origin.text)).toEqual(expected.map(({ from }) => from));
          expect(config.statements(path)[0]?.value).toEqual(value);
        }
      }),
    );
  });

  test('merges files and --set like layers of data, with the place of each value', async () => {
    const options = fc.dictionary(key, fc.oneof(fc.integer(), fc.string({ maxLength: 5 })), {
      maxKeys: 4,
      noNullPrototype: true,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(options, { minLength: 1, maxLength: 3 }), options, async (contents, sets) => {
        const files = Object.fromEntries(
          contents.map((content, index) => [`${index}.yaml`, stringify({ component: content })]),
        );
        const set = [`component=${JSON.stringify(sets)}`];
        const config = await loadConfig({ files: Object.keys(files), set, cwd: tempFolder(files), env: {} });
        const expected = [...contents, sets].reduce<PlainObject>(mergeConfig, {});
        expect(config.root.section).toEqual(expected);
        for (const name of Object.keys(expected)) {
          const holder = contents.findLastIndex((content) => Object.hasOwn(content, name));
          const from = config.root.origins([name])[0]?.text;
          expect(from).toMatch(Object.hasOwn(sets, name) ? /^--set$/ : new RegExp(`^${holder}\\.yaml:\\d+:3$`));
        }
      }),
      { numRuns: 50 },
    );
  });
});
