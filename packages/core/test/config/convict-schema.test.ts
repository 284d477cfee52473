/** Compares convict, which decides whether a section is valid, with the code that replaces it or explains rejections. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type ConfigOption, type ConfigSchema, defineConfig, type Format, listOf, mapOf } from '@asphalt/core';
import { loadConfig, LoadedConfig } from '@asphalt/core/config';
import fc from 'fast-check';
import convict from 'convict';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { explainFaults } from '../../src/config/explain-faults.ts';
import { acceptedOptions, validateOptions } from '../../src/config/validate.ts';
import { validateUnset } from '../../src/config/validate-unset.ts';

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
          const explained = explainFaults(options, view, ['type', 'components', 'enabled']);
          const found = acceptedOptions(options, view, ['type', 'components', 'enabled']);
          expect(found).toEqual(explained.problems.length === 0 ? explained.value : undefined);
          if (found) accepted++;
        },
      ),
      { numRuns: 2_000 },
    );
    expect(accepted).toBeGreaterThan(200);
  });

  test('rejects an unknown option in a section that contains only unset sections', () => {
    const leaf = defineConfig({ a: { doc, format: 'string' } });
    const options = defineConfig({ outer: { doc, format: defineConfig({ inner: { doc, format: leaf } }) } });
    const { root } = LoadedConfig.fromObject({ outer: { other: 'x' } }, { env: {} });
    expect(validateOptions(options, root).problems).toMatchObject([{ path: 'component.outer.other' }]);
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

const inner = defineConfig({ port: { doc, format: 'port', default: 80, env: 'PORT' } });
const optionalSchema = defineConfig({
  host: { doc, format: 'string', env: 'HOST' },
  tls: { doc, format: inner },
});

/** Returns whether convict is loaded after a program has planned a component with a schema and options. */
async function loadsConvict(options: string, config: string): Promise<boolean> {
  const module = (path: string) => JSON.stringify(fileURLToPath(new URL(`../../src/${path}`, import.meta.url)));
  const program = `
    import { createRequire } from 'node:module';
    import { Component } from ${module('component/component.ts')};
    import { component } from ${module('component/decorators.ts')};
    import { defineConfig } from ${module('config/define.ts')};
    import { loadConfig } from ${module('config/sources/load.ts')};
    import { planApplication } from ${module('application/start-application.ts')};
    class App extends Component {}
    component({ config: defineConfig(${options}) })(App);
    const plan = await planApplication(App, { config: await loadConfig({ rootOptions: ${config}, env: {} }) });
    const { cache } = createRequire(import.meta.url);
    console.log(plan.problems.length === 0, Object.keys(cache).some((file) => file.includes('/convict/')));
  `;
  const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  const [, isValid, isLoaded] = /^(true|false) (true|false)$/m.exec(stdout) ?? [];
  expect(isValid).toBe('true');
  return isLoaded === 'true';
}

describe('the import of convict', () => {
  const optional = `{ a: { doc: 'A', format: 'int' } }`;

  test.each([
    ['a component without options', '{}', '{}', false],
    ['a component that sets no option', optional, '{ components: {} }', false],
    ['a component that sets an option', optional, '{ a: 1 }', true],
    ['a component with a default', `{ a: { doc: 'A', format: 'int', default: 1 } }`, '{}', true],
  ])('for %s happens only if it is necessary', { timeout: 60_000 }, async (_, options, config, isLoaded) => {
    expect(await loadsConvict(options, config)).toBe(isLoaded);
  });
});

describe('validateUnset()', () => {
  const read = (options: Readonly<Record<string, unknown>>, env: Readonly<Record<string, string>> = {}) => {
    const { root } = LoadedConfig.fromObject(options, { env });
    return [
      validateUnset(optionalSchema, root),
      explainFaults(optionalSchema, root, ['type', 'components', 'enabled']),
    ];
  };

  test.each([[{}], [{ type: 'x' }], [{ components: { web: { port: 1 } } }]])(
    'returns what convict would return for %j',
    (options) => {
      const [unset, expected] = read(options);
      expect(unset).toEqual({ value: { host: undefined, tls: undefined }, problems: [] });
      expect(unset).toEqual(expected);
      expect(Object.isFrozen(unset?.value)).toBe(true);
    },
  );

  test.each([
    [{ host: 'x' }, {}],
    [{ host: null }, {}],
    [{ hots: 'x' }, {}],
    [{ components: [] }, {}],
    [{}, { HOST: 'x' }],
    [{}, { PORT: '1' }],
  ])('leaves %j with the variables %j to convict', (options, env) => {
    expect(read(options, env)[0]).toBeUndefined();
  });

  test('leaves schemas with required options or defaults to convict', () => {
    const { root } = LoadedConfig.fromObject({}, { env: {} });
    expect(validateUnset(inner, root)).toBeUndefined();
    expect(validateUnset(defineConfig({ a: { doc, format: 'int', required: true } }), root)).toBeUndefined();
  });
});
