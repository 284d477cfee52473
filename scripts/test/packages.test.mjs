// The packages as they would be published: their manifests and types, an application that npm installs them for, and
// bundles of that application.

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import * as esbuild from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import * as rolldown from 'rolldown';
import * as vite from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pack, publicPackages } from '../packages/pack.mjs';
import { startRegistry } from '../packages/registry.mjs';
import { program, root } from '../setup.mjs';

const manifests = publicPackages();
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'asphalt-packages-')));
let tarballs = new Map();

beforeAll(async () => {
  tarballs = await pack(
    manifests.map(({ name }) => name),
    join(folder, 'packed'),
  );
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }), 60_000);

describe.each(manifests)('$name', ({ name, exports }) => {
  test('publint finds no problem', async () => {
    const { buffer } = new Uint8Array(readFileSync(tarballs.get(name)));
    const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true, level: 'warning' });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  if (Object.values(exports).every(({ types }) => types === undefined)) return;
  test('the types of every entry point are found by ES modules and bundlers', async () => {
    const result = await checkPackage(createPackageFromTarballData(readFileSync(tarballs.get(name))));
    // Programs in CommonJS and the resolution of Node 10 are not supported.
    const problems = result.problems.filter(({ resolutionKind = '' }) => !/^node10|-cjs$/.test(resolutionKind));
    expect(Object.keys(result.entrypoints)).toEqual(Object.keys(exports));
    expect(problems).toEqual([]);
  });
});

/** The application. It prints what differs if a bundle holds two copies of a library. */
const app = `
import { Readable } from 'node:stream';
import { component, Component, defineConfig, inject, provides, Signal, startApplication } from '@asphalt/core';
import { checked } from '@asphalt/core/checked';
import { loadConfig } from '@asphalt/core/config';
import { containerOf } from '@asphalt/core/inversify';
import { Database } from '@asphalt/sql';
import { needs, WebApp, WebComponent } from '@asphalt/web';
import { Hono } from 'hono';
import { injectable } from 'inversify';
import { Kysely } from 'kysely';
import { firstValueFrom, Observable } from 'rxjs';

class Greeting { constructor(readonly text: string) {} }
@injectable()
class Polite { constructor(readonly greeting: Greeting) {} }

const options = defineConfig({ text: { doc: 'Text', format: 'string', default: 'Hello' } });
@component({ config: options })
class Greeter extends Component<typeof options> {
  @provides(Greeting) greeting(): Greeting { return new Greeting(this.config.text); }
}
@component({ components: { greeter: Greeter, web: WebComponent } })
class App extends Component {
  @inject(WebApp) readonly web!: WebApp;
  override start(): void {
    this.web.get('/', needs({ greeting: Greeting }), (c) => c.text(c.var.greeting.text));
  }
}
class Sum { @checked() add(a: number, b: number): number { return a + b; } }

const signal = new Signal<number>();
const first = firstValueFrom(signal);
signal.dispatch(7);
const yaml = 'component: { components: { greeter: { text: Hi }, web: { port: 0 } } }';
const config = await loadConfig({ files: ['-'], stdin: Readable.from([yaml]) });
const application = await startApplication(App, { config });
const response = await fetch(application.context.getResourceSync(WebApp).url!);
const container = containerOf(application.context);
const { greeting } = await application.context.resolve(Polite);
console.log(JSON.stringify({
  signalIsObservable: signal instanceof Observable && (await first) === 7,
  response: [response.status, await response.text()],
  webIsHono: application.context.getResourceSync(WebApp) instanceof Hono,
  databaseIsKysely: Database === Kysely,
  resolved: greeting === container.get(Greeting),
  checked: new Sum().add(1, 2),
}));
await application.stop();
`;

/** Bundles an application with its packages into one file for Node. */
const bundlers = {
  esbuild: (input, file) =>
    esbuild.build({
      entryPoints: [input],
      outfile: file,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external,
      banner: { js: bannerOfDocumentation() },
      logLevel: 'error',
    }),
  rolldown: (input, file) =>
    rolldown.build({ input, platform: 'node', external, logLevel: 'silent', output: { file, codeSplitting: false } }),
  vite: (input, file) =>
    vite.build({
      root: dirname(input),
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true, external },
      build: {
        ssr: input,
        outDir: dirname(file),
        rolldownOptions: { output: { entryFileNames: basename(file), codeSplitting: false } },
      },
    }),
};
/** Contains binaries, which no bundler can put into the file. */
const external = ['@photostructure/sqlite'];

const output = {
  signalIsObservable: true,
  response: [200, 'Hi'],
  webIsHono: true,
  databaseIsKysely: true,
  resolved: true,
  checked: 3,
};
const project = join(folder, 'project');
const settings = {
  extends: '@asphalt/core/tsconfig.json',
  compilerOptions: {
    outDir: 'dist',
    skipLibCheck: false,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  },
  files: ['app.ts'],
};
/** Libraries that packages of Asphalt share with the application, each with a version newer than that of the tests. */
const newer = { rxjs: '7.99.0', inversify: '8.99.0', kysely: '0.28.99', hono: '4.99.0' };

describe('an application that npm installs the packages for', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), '{ "type": "module", "private": true }');
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(settings));
    writeFileSync(join(project, 'app.ts'), app);
    mkdirSync(join(folder, 'served'));
    const registry = await startRegistry(join(folder, 'served'), tarballs.values(), newer);
    const options = [
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      // The application opens no database.
      '--omit=optional',
      '--registry',
      registry.url,
      '--cache',
      join(folder, 'cache'),
    ];
    const packages = ['@asphalt/core', '@asphalt/sql', '@asphalt/web', 'rxjs', 'kysely', 'hono', 'inversify'];
    try {
      await call(project, 'npm', 'install', ...options, ...packages);
    } finally {
      await registry.stop();
    }
    await call(project, program('tsc'));
  }, 120_000);

  test('has one copy of each shared library, the newest in range', async () => {
    const shared = ['@asphalt/core', ...Object.keys(newer)];
    const copies = await call(project, 'npm', 'ls', '--all', '--parseable', ...shared);
    expect(copies.trim().split('\n').sort()).toEqual(shared.map((name) => join(project, 'node_modules', name)).sort());
    const versions = Object.keys(newer).map((name) => [name, manifestOf(join(project, 'node_modules', name)).version]);
    expect(Object.fromEntries(versions)).toEqual(newer);
  });

  test('compiles and runs', async () => {
    expect(JSON.parse(await call(project, process.execPath, 'dist/app.js'))).toEqual(output);
  });

  test.each(Object.entries(bundlers))(
    'bundled by %s into one file, runs without node_modules',
    async (name, bundle) => {
      const target = join(folder, 'bundles', name);
      const file = join(target, 'app.mjs');
      await bundle(join(project, 'dist/app.js'), file);
      expect(readdirSync(target)).toEqual(['app.mjs']);
      expect(JSON.parse(await call(target, process.execPath, file))).toEqual(output);
    },
  );

  test.each([
    ['@asphalt/core', []],
    ['@asphalt/core/ambient', ['node:async_hooks']],
    ['@asphalt/core/checked', ['reflect-metadata']],
    ['@asphalt/core/inversify', ['reflect-metadata']],
    ['@asphalt/core/tracing', []],
  ])('an import of %s without names changes these globals: %j', async (entry, effects) => {
    const { outputFiles } = await esbuild.build({
      stdin: { contents: `import '${entry}';`, resolveDir: project },
      bundle: true,
      external: ['reflect-metadata', 'inversify', 'rxjs', 'convict'],
      platform: 'node',
      format: 'esm',
      write: false,
      logLevel: 'error',
    });
    const imported = Array.from(outputFiles[0].text.matchAll(/^import.*"(.*)";$/gm), ([, name]) => name);
    expect(imported.filter((name) => ['node:async_hooks', 'reflect-metadata'].includes(name))).toEqual(effects);
  });
});

/** Returns the line that the documentation adds to bundles of esbuild. */
function bannerOfDocumentation() {
  const page = readFileSync(join(root, 'docs/reference/bundles.md'), 'utf8');
  return /^```js\n(.*)\n```$/m.exec(page)[1];
}

/** Runs a program as a user outside of this workspace would. */
async function call(cwd, command, ...args) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_ENV|NODE_PATH)/.test(name)),
  );
  const { stdout } = await promisify(execFile)(command, args, { cwd, env }).catch((error) => {
    throw new Error(`${command} ${args.join(' ')}: ${error.message}\n${error.stdout}`);
  });
  return stdout;
}

function manifestOf(path) {
  return JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
}
