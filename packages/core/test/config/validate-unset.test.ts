/** Tests of the validation that does not load convict. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { defineConfig } from '@asphalt/core';
import { LoadedConfig } from '@asphalt/core/config';
import { describe, expect, test } from 'vitest';
import { explainFaults } from '../../src/config/explain-faults.ts';
import { validateUnset } from '../../src/config/validate-unset.ts';

const doc = 'Some option';
const inner = defineConfig({ port: { doc, format: 'port', default: 80, env: 'PORT' } });
const schema = defineConfig({
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

describe('convict', () => {
  const optional = `{ a: { doc: 'A', format: 'int' } }`;

  test.each([
    ['a component without options', '{}', '{}', false],
    ['a component that sets no option', optional, '{ components: {} }', false],
    ['a component that sets an option', optional, '{ a: 1 }', true],
    ['a component with a default', `{ a: { doc: 'A', format: 'int', default: 1 } }`, '{}', true],
  ])('for %s is loaded if it is necessary', { timeout: 60_000 }, async (_, options, config, isLoaded) => {
    expect(await loadsConvict(options, config)).toBe(isLoaded);
  });
});

describe('validateUnset()', () => {
  const read = (options: Readonly<Record<string, unknown>>, env: Readonly<Record<string, string>> = {}) => {
    const { root } = LoadedConfig.fromObject(options, { env });
    return [validateUnset(schema, root), explainFaults(schema, root, ['type', 'components'])];
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
