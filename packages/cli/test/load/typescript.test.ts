import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { appWith, asphalt, start, useAsphalt, type ProcessOptions } from '../asphalt-process.ts';

useAsphalt();

/** Compiles only with `experimentalDecorators`. */
const clockComponent = `
import { Component, component, inject, provides } from '@asphalt/core';

export class Clock {}

@component()
export class ClockComponent extends Component {
  @provides(Clock)
  clock(): Clock {
    return new Clock();
  }
}

@component({ components: { clock: ClockComponent } })
export class App extends Component {
  constructor(@inject(Clock) readonly clock: Clock) {
    super();
  }
}
`;

const bare = '{ "compilerOptions": {} }';

test('TypeScript is compiled with the nearest tsconfig.json, regardless of the working folder', async () => {
  const folder = appWith({
    'tsconfig.json': bare,
    'app/package.json': '{ "type": "module" }',
    'app/tsconfig.json': '{ "extends": "@asphalt/core/tsconfig.json" }',
    'app/asphalt.yaml': 'component: { type: ./src/app.ts:App }\n',
    'app/src/app.ts': clockComponent,
  });
  const { code } = await (await start(folder, ['run', 'app/asphalt.yaml']).until('Application started')).send('SIGTERM')
    .ended;
  expect(code).toBe(0);
});

test('imported modules from elsewhere and files that the tsconfig.json does not include are compiled too', async () => {
  const folder = appWith({
    'shared/package.json': '{ "type": "module" }',
    'shared/tsconfig.json': bare,
    'shared/clock.ts': clockComponent,
    'app/package.json': '{ "type": "module" }',
    'app/tsconfig.json': '{ "extends": "@asphalt/core/tsconfig.json", "include": ["src"] }',
    'app/app.ts': "export * from '../shared/clock.ts';\n",
  });
  const running = start(folder, ['run', '--set', 'component.type=./app/app.ts:App']);
  expect(await (await running.until('Application started')).send('SIGTERM').ended).toMatchObject({
    code: 0,
    stderr: '',
  });
});

test('a child from the configuration can be TypeScript below a JavaScript root', async () => {
  const folder = appWith({
    'asphalt.yaml':
      'component: { type: ./app.js:App, components: { clock: { type: ./parts/clock.ts:ClockComponent } } }\n',
    'app.js': "import { Component } from '@asphalt/core';\nexport class App extends Component {}\n",
    'parts/clock.ts': clockComponent,
  });
  const running = start(folder, ['run', 'asphalt.yaml']);
  expect(await (await running.until('Application started')).send('SIGTERM').ended).toMatchObject({
    code: 0,
    stderr: '',
  });
});

test.each([
  ['the root', 'component: { type: "clocks#App" }\n'],
  [
    'a child of a JavaScript root',
    'component: { type: ./app.js:App, components: { clock: { type: "clocks#ClockComponent" } } }\n',
  ],
])('%s can be in a TypeScript package of the workspace', async (_, config) => {
  const folder = appWith({
    'asphalt.yaml': config,
    'tsconfig.json': bare,
    'app.js': "import { Component } from '@asphalt/core';\nexport class App extends Component {}\n",
    'packages/clocks/package.json':
      '{ "name": "clocks", "type": "module", "exports": { "import": "./src/clocks.ts" } }',
    'packages/clocks/tsconfig.json': '{ "extends": "@asphalt/core/tsconfig.json" }',
    'packages/clocks/src/clocks.ts': clockComponent,
  });
  symlinkSync(join(folder, 'packages/clocks'), join(folder, 'node_modules/clocks'));
  const { code, stdout, stderr } = await asphalt(folder, ['check', 'asphalt.yaml']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('The application can start');
});

test('a JavaScript application loads no compiler, and the serializer of pino only in production', async () => {
  const files = {
    'built.js':
      "import { Component } from '@asphalt/core';\nexport class App extends Component { start() { throw new Error(); } }\n",
    'source.ts':
      "import { Component } from '@asphalt/core';\nexport class App extends Component { start() { throw new Error(); } }\n",
  };
  expect(await librariesOf(files, 'built.js', 'development')).toEqual([]);
  expect(await librariesOf(files, 'built.js', 'production')).toEqual(['pino-std-serializers']);
  expect(await librariesOf(files, 'source.ts', 'development')).toEqual(['tsx']);
  // This package is linked and has a condition for its sources, but Node loads its build.
  const settings = ['--set', 'component.components.web.type=@asphalt/web#WebComponent'];
  expect(await librariesOf(files, 'built.js', 'development', settings)).not.toContain('tsx');
});

test('a tool that finishes immediately loads neither the watchdog nor the library that checks options', async () => {
  const tool = (options: string, body: string): string => `
    import { CliComponent, component, defineConfig } from '@asphalt/core';
    export class App extends CliComponent { async run() { ${body} } }
    component({ config: defineConfig({ word: { doc: 'A word', format: String, ${options} } }) })(App);
  `;
  const watched = `while (!(Symbol.for('@asphalt/watchdog/component') in globalThis))
    await new Promise((resolve) => setTimeout(resolve, 10));`;
  const files = { 'done.js': tool('', ''), 'option.js': tool("default: 'x'", ''), 'stays.js': tool('', watched) };
  expect(await librariesOf(files, 'done.js', 'development')).toEqual([]);
  expect(await librariesOf(files, 'option.js', 'development')).toEqual(['convict']);
  expect(await librariesOf(files, 'stays.js', 'development')).toEqual(['watchdog']);
});

/** Returns the libraries that the process loaded, according to its coverage report. */
async function librariesOf(
  files: Record<string, string>,
  module: string,
  environment: string,
  settings: readonly string[] = [],
): Promise<string[]> {
  const folder = appWith(files);
  const reports = join(folder, 'coverage');
  const args = ['run', '--set', `component.type=./${module}:App`, ...settings];
  await asphalt(folder, args, { env: { NODE_ENV: environment, NODE_V8_COVERAGE: reports } });
  const loaded = readdirSync(reports)
    .map((name) => readFileSync(join(reports, name), 'utf8'))
    .join('');
  expect(loaded).toContain(module);
  return ['tsx', 'pino-std-serializers', 'convict', 'watchdog'].filter((name) =>
    new RegExp(`/(node_modules|packages)/${name}/`).test(loaded),
  );
}

test('stacks of compiled JavaScript point to its sources', async () => {
  const folder = appWith({
    // The output of `tsc` for three lines of TypeScript in src/app.ts, shifted by one line and two columns.
    'dist/app.js': [
      "import { Component } from '@asphalt/core';",
      'export class App extends Component {',
      "    start() { throw new Error('From the source'); }",
      '}',
      '//# sourceMappingURL=app.js.map',
    ].join('\n'),
    'dist/app.js.map': JSON.stringify({
      version: 3,
      sources: ['../src/app.ts'],
      names: [],
      mappings: ';;IAEE,UAAU,MAAM',
    }),
  });
  const { stderr } = await asphalt(folder, ['run', '--set', 'component.type=./dist/app.js:App']);
  expect(stderr).toMatch(/^ {4}at App\.start \(src\/app\.ts:3:\d+\)$/m);
});

describe('TypeScript cannot be compiled', () => {
  const errorOutput = async (
    files: Readonly<Record<string, string>>,
    command: string,
    options?: ProcessOptions,
  ): Promise<string> => {
    const folder = appWith({ 'app.ts': clockComponent, ...files });
    const { code, stderr } = await asphalt(folder, [command, '--set', 'component.type=./app.ts:App'], options);
    expect(code).toBe(1);
    return stderr;
  };

  test.each(['run', 'check'])('%s: because the folder for temporary files is missing', async (command) => {
    const missing = { env: { TMPDIR: '/none/at/all' } };
    expect(await errorOutput({}, command, missing)).toMatchInlineSnapshot(`
      "Cannot create a temporary folder in /none/at/all
        got          Error: ENOENT: no such file or directory, mkdtemp '/none/at/all/asphalt-tsconfig-XXXXXX'
        note         the command needs one to compile TypeScript
        help         create the folder
                     or set the environment variable TMPDIR (on Windows: TEMP) to one that you may write to
        code         ERR_TEMPORARY_FOLDER
      "
    `);
  });

  test.each(['run', 'check'])('%s: because the tsconfig.json extends a missing package', async (command) => {
    const tsconfig = '{ "extends": "@acme/settings/tsconfig.json" }';
    expect(await errorOutput({ 'tsconfig.json': tsconfig }, command)).toMatchInlineSnapshot(`
      "Cannot read the compiler settings in tsconfig.json
        got          File '@acme/settings/tsconfig.json' not found.
        help         correct \`extends\` in it or in the files that it extends, and install the packages that they name
        code         ERR_COMPILER_SETTINGS
      "
    `);
  });

  test('because the tsconfig.json extends itself', async () => {
    const files = { 'tsconfig.json': '{ "extends": "./base.json" }', 'base.json': '{ "extends": "./tsconfig.json" }' };
    expect(await errorOutput(files, 'run')).toMatchInlineSnapshot(`
      "Cannot read the compiler settings in tsconfig.json
        got          Circularity detected while resolving configuration: <app>/base.json
        help         correct \`extends\` in it or in the files that it extends, and install the packages that they name
        code         ERR_COMPILER_SETTINGS
      "
    `);
  });
});
