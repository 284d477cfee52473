import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { appWith, asphalt, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

const offers = JSON.stringify({
  name: 'clocks',
  version: '2.1.0',
  type: 'module',
  exports: './clocks.js',
  asphalt: { components: { clock: '.#ClockComponent', sundial: '.#Sundial' } },
});

const files = {
  'package.json': '{ "name": "shop", "type": "module", "dependencies": { "clocks": "*" } }',
  'node_modules/clocks/package.json': offers,
  'node_modules/clocks/clocks.js': `
import { component, Component, defineConfig } from '@asphalt/core';
const options = defineConfig({
  zone: { doc: 'Time zone', format: 'string', required: true, env: 'ZONE' },
  key: { doc: 'Winds it up', format: 'string', default: 'brass', sensitive: true },
});
export class ClockComponent extends Component {}
component({ config: options, description: 'Shows the time' })(ClockComponent);
`,
};

test('components lists the types that installed packages offer, with their options', async () => {
  const { code, stdout, stderr } = await asphalt(appWith(files), ['components']);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout).toMatchInlineSnapshot(`
    "clock  (ClockComponent, clocks 2.1.0)
      Shows the time
      zone  string, required, variable ZONE
            Time zone
      key   string, default "***", sensitive
            Winds it up

    sundial  (clocks 2.1.0)
      Cannot load the component type "clocks#Sundial": clocks has no export "Sundial"
    "
  `);
});

test('components --format json prints the same as data', async () => {
  const { stdout } = await asphalt(appWith(files), ['components', '.', '--format', 'json']);
  expect(JSON.parse(stdout)).toMatchObject([
    {
      type: 'clock',
      reference: 'clocks#ClockComponent',
      packageName: 'clocks',
      component: { type: 'ClockComponent', description: 'Shows the time' },
      options: [
        { name: 'zone', type: 'string', required: true, variable: 'ZONE' },
        { name: 'key', default: '***', sensitive: true },
      ],
    },
    { type: 'sundial', problem: expect.stringContaining('no export "Sundial"'), options: [] },
  ]);
});

test('components escapes control characters in the problem of a package', async () => {
  const clocks = "throw new Error('\\x1b[2J gone');\n";
  const { code, stdout } = await asphalt(appWith({ ...files, 'node_modules/clocks/clocks.js': clocks }), [
    'components',
  ]);
  expect(code).toBe(1);
  expect(stdout).toContain('failed to load: Error: \\x1b[2J gone');
});

test('components reports that no package offers component types', async () => {
  const { code, stdout } = await asphalt(appWith({}), ['components']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'No installed package offers component types\n' });
});

test('components loads TypeScript packages of a workspace, with the settings of each package', async () => {
  const clock = `
import { component, Component, defineConfig, inject, provides } from '@asphalt/core';
class Clock {}
const options = defineConfig({ zone: { doc: 'Time zone', format: 'string', default: 'UTC' } });
@component({ config: options, description: 'Shows the time' })
export class ClockComponent extends Component<typeof options> {
  @provides(Clock) clock(): Clock { return new Clock(); }
  constructor(@inject(Clock, { optional: true }) readonly other: Clock | undefined) { super(); }
}
`;
  const folder = appWith({
    'package.json': '{ "name": "shop", "type": "module", "dependencies": { "clocks": "*" } }',
    'packages/clocks/package.json': offers.replace('./clocks.js', './src/clocks.ts').replace(/,"sundial":"[^"]*"/, ''),
    'packages/clocks/tsconfig.json': '{ "extends": "@asphalt/core/tsconfig.json" }',
    'packages/clocks/src/clocks.ts': clock,
    'tsconfig.json': '{}',
  });
  symlinkSync(join(folder, 'packages/clocks'), join(folder, 'node_modules/clocks'));
  const { code, stdout, stderr } = await asphalt(folder, ['components']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatchInlineSnapshot(`
    "clock  (ClockComponent, clocks 2.1.0)
      Shows the time
      zone  string, default UTC
            Time zone
    "
  `);
});
