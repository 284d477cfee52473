/** Compares convict, which decides whether a section is valid, with the code that explains rejections. */
import { type ConfigOption, type ConfigSchema, defineConfig, type Format, listOf, mapOf } from '@asphalt/core';
import { loadConfig, LoadedConfig } from '@asphalt/core/config';
import fc from 'fast-check';
import convict from 'convict';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { explainFaults } from '../../src/config/explain-faults.ts';
import { acceptedOptions, validateOptions } from '../../src/config/validate.ts';

const doc = 'Some option';

const names = ['a', 'b', 'default', 'format', 'env', 'toString', 'name', 'length'];
const variables = ['ONE', 'TWO', 'toString'];

/** Formats of single values, each with a value that it accepts. */
const scalars: readonly Fitting[] = [
  ['string', 'text'],
  ['number', 1.5],
  ['int', '7'],
  ['port', 80],
  ['boolean', 'true'],
  ['duration', '10s'],
  ['bytes', '1kb'],
  ['url', 'https://example.org/'],
  ['email', 'ada@example.org'],
  ['regexp', '^a+$'],
  ['name', 'main'],
  ['path', 'data'],
  ['object', { 'a.b': { c: [1] } }],
  ['binary', new Uint8Array([1])],
  [['one', 'two', 3], 'two'],
  [z.object({ 'x.y': z.string() }), { 'x.y': 'z' }],
  [z.date(), new Date(0)],
];

const texts = [
  '',
  '7',
  '80a',
  'true',
  'no',
  '10s',
  '1kb',
  'https://example.org/',
  'a@b',
  '^a+$',
  '(',
  'main',
  'two',
  '3',
];
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, weight: 3, arbitrary: fc.constantFrom(...texts, '{"a":1}', '[1,"x"]', '{"a.b":{"c.d":1}}') },
    fc.constantFrom(null, true, 0, -1, 1.5, NaN, 70_000, 10n, new Date(0), /x/, new Uint8Array([1])),
    fc.constantFrom((): void => {}, Symbol('a'), new (class Own {})()),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names, 'a.b', 'x.y'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value as fc.Arbitrary<unknown>;

/** A format with a value that it accepts. */
type Fitting = readonly [format: Format, value: unknown];

const schemas: fc.Arbitrary<readonly [ConfigSchema, Readonly<Record<string, unknown>>]> = fc.letrec<{
  schema: readonly [ConfigSchema, Readonly<Record<string, unknown>>];
  format: Fitting;
}>((tie) => ({
  schema: fc
    .uniqueArray(
      fc.record({
        name: fc.constantFrom(...names),
        format: tie('format'),
        kind: fc.constantFrom('optional', 'optional', 'optional', 'required', 'default', 'default', 'wrong'),
        env: fc.constantFrom(undefined, undefined, undefined, ...variables),
      }),
      { selector: ({ name }) => name, maxLength: 4 },
    )
    .map((options) => {
      const entries = options.map(({ name, format: [format, fitting], kind, env }) => {
        const standard = kind === 'default' ? fitting : kind === 'wrong' ? [fitting] : undefined;
        const own: ConfigOption = { doc, format, required: kind === 'required', default: standard };
        return [name, env === undefined ? own : { ...own, env }] as const;
      });
      const required = options.filter(({ kind }) => kind === 'required' || kind === 'wrong');
      const section = Object.fromEntries(required.map(({ name, format: [, fitting] }) => [name, fitting]));
      const all: Readonly<Record<string, ConfigOption>> = Object.fromEntries(entries);
      return [defineConfig(all), section] as const;
    }),
  format: fc.oneof(
    { maxDepth: 2 },
    { weight: 3, arbitrary: fc.constantFrom(...scalars) },
    tie('schema'),
    fc.constantFrom(...scalars).map(([format, one]) => [listOf(format), [one]] as const),
    fc.constantFrom(...scalars).map(([format, one]) => [mapOf(format), { 'x.y': one }] as const),
  ),
})).schema;

const env = fc.dictionary(fc.constantFrom(...variables, 'ONE_NEWS'), fc.constantFrom(...texts, '{"a":"7"}', '["7"]'), {
  maxKeys: 2,
});

describe('convict', () => {
  test('accepts exactly the sections without problems, and returns the same options', async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(
        schemas,
        fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 1, noNullPrototype: true }),
        env,
        fc.array(fc.tuple(fc.constantFrom('a', 'b', 'a.b', 'default.a', 'b.0', 'name'), fc.constantFrom(...texts)), {
          maxLength: 1,
        }),
        fc.constantFrom('web', 'web/news'),
        async ([options, fitting], changes, variablesSet, sets, alias) => {
          const set = sets.map(([path, text]) => `component.components.${alias}.${path}=${text}`);
          const rootOptions = { components: { [alias]: { ...fitting, ...changes } } };
          const config = await loadConfig({ rootOptions, set, env: variablesSet, cwd: '/app' }).catch(
            (error: { code?: string }) => error.code,
          );
          // A path of `--set` may lead through a value that is not a mapping.
          fc.pre(config !== 'ERR_CONFIG_SET');
          if (!(config instanceof LoadedConfig)) throw new Error(config);
          const view = config.root.child(alias);
          const explained = explainFaults(options, view, ['type', 'components']);
          const found = acceptedOptions(options, view, ['type', 'components']);
          expect(found).toEqual(explained.problems.length === 0 ? explained.value : undefined);
          if (found) accepted++;
        },
      ),
      { numRuns: 2_000 },
    );
    expect(accepted).toBeGreaterThan(200);
  });

  test('applies only the variables that win, even if two options read the same', async () => {
    const both = defineConfig({
      first: { doc, format: 'int', env: 'SIZE' },
      second: { doc, format: 'bytes', env: 'SIZE' },
    });
    const config = await loadConfig({ set: ['component.first=1'], env: { SIZE: '2' } });
    expect(validateOptions(both, config.root).value).toEqual({ first: 1, second: 2 });
  });

  test('reads neither the arguments nor the variables of the process', () => {
    const options = defineConfig({ path: { doc, format: 'string', env: 'PATH' } });
    const { root } = LoadedConfig.fromObject({}, { env: {} });
    expect(validateOptions(options, root).value).toEqual({ path: undefined });
  });

  test('that rejects a section without problems is reported as a bug, without the values', () => {
    const options = defineConfig({ choice: { doc, format: ['hunter2'] } });
    const { root } = LoadedConfig.fromObject({ choice: 'hunter2' }, { env: {} });
    expect(validateOptions(options, root).problems).toEqual([]);
    convict.addFormat({
      name: 'asphalt/["hunter2"]',
      validate: (text) => {
        throw new Error(`not ${text}`);
      },
    });
    expect(() => validateOptions(options, root)).toThrow(
      /^convict rejects `component`, which has no problem: this is a bug in @asphalt\/core, please report it$/,
    );
  });

  test('does not share a mutable default between instances', () => {
    const options = defineConfig({
      pattern: { doc, format: 'regexp', default: /a/g },
      bytes: { doc, format: 'binary', default: new Uint8Array([1]) },
      patterns: { doc, format: listOf('regexp'), default: [/b/g] },
    });
    const read = () => validateOptions(options, LoadedConfig.fromObject({}, { env: {} }).root).value;
    expect(read()).toEqual(read());
    expect(read().pattern).not.toBe(read().pattern);
    expect(read().bytes).not.toBe(read().bytes);
    expect(read().patterns[0]).not.toBe(read().patterns[0]);
  });
});
