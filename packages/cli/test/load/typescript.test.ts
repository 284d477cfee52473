import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { appWith, asphalt, start, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

/** Compiles under `experimentalDecorators` only. */
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

test('TypeScript is compiled by the tsconfig nearest to it, wherever the command was started', async () => {
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

test('so are modules that it imports from elsewhere, and those that the tsconfig does not include', async () => {
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

test('a child that only the configuration names may be TypeScript under a root in JavaScript', async () => {
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

test('an application in JavaScript runs without the compiler, and without pino while it is developed', async () => {
  const files = {
    'built.js':
      "import { Component } from '@asphalt/core';\nexport class App extends Component { start() { throw new Error(); } }\n",
    'source.ts':
      "import { Component } from '@asphalt/core';\nexport class App extends Component { start() { throw new Error(); } }\n",
  };
  expect(await librariesOf(files, 'built.js', 'development')).toEqual([]);
  expect(await librariesOf(files, 'built.js', 'production')).toEqual(['pino']);
  expect(await librariesOf(files, 'source.ts', 'development')).toEqual(['tsx']);
});

test('a tool that is done at once loads neither the watchdog nor what checks options', async () => {
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

/** Which libraries the process loaded, as its own report of what ran tells. */
async function librariesOf(files: Record<string, string>, module: string, environment: string): Promise<string[]> {
  const folder = appWith(files);
  const reports = join(folder, 'coverage');
  const args = ['run', '--set', `component.type=./${module}:App`];
  await asphalt(folder, args, { env: { NODE_ENV: environment, NODE_V8_COVERAGE: reports } });
  const loaded = readdirSync(reports)
    .map((name) => readFileSync(join(reports, name), 'utf8'))
    .join('');
  expect(loaded).toContain(module);
  return ['tsx', 'pino', 'convict', 'watchdog'].filter((name) =>
    new RegExp(`/(node_modules|packages)/${name}/`).test(loaded),
  );
}

test('stacks of JavaScript lead to the sources that it was compiled from', async () => {
  const folder = appWith({
    // What `tsc` makes of three lines of TypeScript in src/app.ts: one line on, two columns to the right.
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
