/** Runs programs like those of users: with the built packages, and the program in TypeScript or compiled. */
import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { tempFolder } from '@asphalt/test-support';
import { requireBuild } from '@asphalt/test-support/build';
import { beforeAll, expect, test } from 'vitest';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

beforeAll(() => requireBuild('packages/cli', 'packages/threads'));

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = tempFolder({
    'package.json': '{ "type": "module" }',
    'tsconfig.json': '{ "extends": "@asphalt/core/tsconfig.json" }',
    ...files,
  });
  mkdirSync(join(folder, 'node_modules/@asphalt'), { recursive: true });
  for (const name of ['core', 'threads'])
    symlinkSync(join(repository, 'packages', name), join(folder, 'node_modules/@asphalt', name));
  return folder;
}

/** Runs Node without the test environment. @returns the output after the process has exited by itself */
async function run(
  folder: string,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = { PATH: process.env['PATH'], NODE_ENV: 'production', ...more };
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env });
  return stdout;
}

test('a compiled program runs the compiled module and exits after the pool is closed', async () => {
  const folder = folderWith({
    'app.js': `
      import { ThreadPool } from '@asphalt/threads';
      const threads = new ThreadPool({ min: 1 });
      const work = await threads.module(new URL('./work.ts', import.meta.url));
      console.log(await work.double.with({ context: { name: 'main' } })(21));
      for await (const item of work.items()) console.log(item);
      console.log(await work.moved());
      await threads.close();
    `,
    'work.js': `
      import { currentCall, transfer } from '@asphalt/threads/worker';
      export const double = (value) => currentCall().contextName + ' ' + value * 2;
      export function* items() { yield 'one'; yield 'two'; }
      export function moved() { const bytes = Uint8Array.of(1, 2); return transfer(bytes, [bytes.buffer]); }
    `,
  });
  expect(await run(folder, ['app.js'])).toBe('main 42\none\ntwo\nUint8Array(2) [ 1, 2 ]\n');
});

test('a program that does not close its pool still exits', async () => {
  const folder = folderWith({
    'app.js': `
      import { ThreadPool } from '@asphalt/threads';
      const threads = new ThreadPool({ min: 1 });
      const work = await threads.module(new URL('./work.js', import.meta.url));
      console.log(await work.double(21));
    `,
    'work.js': 'export const double = (value) => value * 2;',
  });
  expect(await run(folder, ['app.js'])).toBe('42\n');
});

test('threads run TypeScript modules under `asphalt run`', async () => {
  const folder = folderWith({
    'app.ts': `
      import { Component, component, inject } from '@asphalt/core';
      import { ThreadPool, ThreadsComponent } from '@asphalt/threads';
      @component({ components: { threads: ThreadsComponent } })
      export class App extends Component {
        @inject(ThreadPool) readonly threads!: ThreadPool;
        override async ready(): Promise<void> {
          const work = await this.threads.module<typeof import('./work.ts')>(new URL('./work.ts', import.meta.url));
          console.log(await work.shout('hello'));
          process.kill(process.pid, 'SIGTERM');
        }
      }
    `,
    'work.ts': `
      enum Ending { Loud = '!' }
      export function shout(text: string): string { return text.toUpperCase() + Ending.Loud; }
    `,
    'app.yaml': 'component: { type: ./app.ts:App }',
  });
  const stdout = await run(folder, [join(repository, 'packages/cli/bin/asphalt.js'), 'run', 'app.yaml']);
  expect(stdout).toContain('HELLO!\n');
});

const decorated = {
  'work.ts': `
    import { ROUNDS } from './settings.ts';
    export function rounds(): number { return ROUNDS * 2; }
  `,
  'settings.ts': `
    import { Component, component, inject } from '@asphalt/core';
    import { checked } from '@asphalt/core/checked';
    export const ROUNDS = 3;
    @component()
    export class Settings extends Component {
      constructor(@inject(Map, { optional: true }) readonly values?: Map<string, string>) { super(); }
      @checked() raise(by: number): number { return ROUNDS + by; }
    }
  `,
};

test.each([
  ['its folder', '.'],
  ['another folder', tmpdir()],
])('under `asphalt run` from %s, a module for threads can import decorated and checked files', async (_, cwd) => {
  const folder = folderWith({
    ...decorated,
    'app.ts': `
      import { Component, component, inject } from '@asphalt/core';
      import { ThreadPool, ThreadsComponent } from '@asphalt/threads';
      @component({ components: { threads: ThreadsComponent } })
      export class App extends Component {
        @inject(ThreadPool) readonly threads!: ThreadPool;
        override async ready(): Promise<void> {
          const work = await this.threads.module<typeof import('./work.ts')>(new URL('./work.ts', import.meta.url));
          console.log('rounds', await work.rounds());
          process.kill(process.pid, 'SIGTERM');
        }
      }
    `,
    'app.yaml': 'component: { type: ./app.ts:App }',
    'tsconfig.json': `{
      "extends": "@asphalt/core/tsconfig.json",
      "compilerOptions": { "emitDecoratorMetadata": true },
      "include": ["app.ts"]
    }`,
  });
  const command = [join(repository, 'packages/cli/bin/asphalt.js'), 'run', join(folder, 'app.yaml')];
  expect(await run(resolve(folder, cwd), command, { ASPHALT_CHECKS: 'on' })).toContain('rounds 6\n');
});

test('in a program without the command, threads use the tsconfig.json nearest to the module', async () => {
  const folder = folderWith({
    ...decorated,
    'app.js': `
      import { ThreadPool } from '@asphalt/threads';
      const threads = new ThreadPool();
      const work = await threads.module(new URL('./work.ts', import.meta.url));
      console.log('rounds', await work.rounds());
      await threads.close();
    `,
  });
  symlinkSync(join(repository, 'packages/threads/node_modules/tsx'), join(folder, 'node_modules/tsx'));
  expect(await run(tmpdir(), [join(folder, 'app.js')])).toBe('rounds 6\n');
});

test('`asphalt components` lists the pool with its options, and the configuration can add one by its type', async () => {
  const folder = folderWith({
    'package.json': '{ "type": "module", "dependencies": { "@asphalt/threads": "*" } }',
    'app.ts': `
      import { Component, component, inject } from '@asphalt/core';
      import { ThreadPool } from '@asphalt/threads';
      @component()
      export class App extends Component {
        @inject(ThreadPool, 'images') readonly threads!: ThreadPool;
        override ready(): void {
          console.log(String(this.threads instanceof ThreadPool));
          process.kill(process.pid, 'SIGTERM');
        }
      }
    `,
    'app.yaml': 'component: { type: ./app.ts:App, components: { threads/images: { max: 1 } } }',
  });
  const command = join(repository, 'packages/cli/bin/asphalt.js');
  const listed = JSON.parse(await run(folder, [command, 'components', '.', '--format', 'json'])) as unknown;
  expect(listed).toMatchObject([
    {
      type: 'threads',
      packageName: '@asphalt/threads',
      component: { type: 'ThreadsComponent', description: 'Runs functions of modules in a pool of threads' },
      options: ['min', 'max', 'idle', 'queue', 'overflow', 'grace', 'drain'].map((name) => ({ name })),
    },
  ]);
  expect(await run(folder, [command, 'run', 'app.yaml'])).toContain('true\n');
});
