/** What a bundle contains, and what stays next to it. */
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { errorOf } from '@asphalt/test-support';
import { expect, test, vi } from 'vitest';
import { bundle } from '../../src/build/bundle.ts';
import { BundlerMissingError } from '../../src/build/errors.ts';
import { appWith, asphalt, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

vi.setConfig({ testTimeout: 90_000 });

const app = `
import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { CliComponent } from '@asphalt/core';
import { Observable } from 'rxjs';
import { Signal } from '@asphalt/core';
import addon from '@acme/addon';

class Twice {}
const first = Twice;

export class App extends CliComponent {
  async run(): Promise<void> {
    const { Twice: second } = await import('./other.ts');
    console.log(first.name, second.name, first === second);
    console.log(await readFile(new URL('./data.txt', import.meta.url), 'utf8'));
    console.log(await readFile(new URL('list.txt', new URL('../public/', import.meta.url)), 'utf8'));
    const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: 20 });
    console.log((await once(worker, 'message'))[0]);
    console.log(addon.text);
    console.log(new Signal() instanceof Observable);
    const name = '@acme/' + 'absent';
    await import('@acme/absent').catch((error) => console.log(error.code));
    await import(name).catch((error) => console.log(error.code));
  }
}
`;

const files = {
  'asphalt.yaml': 'component: { type: "./src/app.ts:App" }',
  'src/app.ts': app,
  'src/other.ts': 'export class Twice {}',
  'src/data.txt': 'data',
  'public/list.txt': 'list',
  'src/thread.ts': `
    import { parentPort, workerData } from 'node:worker_threads';
    import { double } from './double.ts';
    parentPort!.postMessage(double(workerData as number));`,
  'src/double.ts': 'export const double = (value: number): number => value * 2;',
  'node_modules/@acme/addon/package.json':
    '{ "name": "@acme/addon", "version": "1.0.0", "dependencies": { "@acme/loader": "1" } }',
  'node_modules/@acme/addon/binding.gyp': '{}',
  'node_modules/@acme/addon/index.js': "module.exports = { text: require('@acme/loader') };",
  'node_modules/@acme/loader/package.json': '{ "name": "@acme/loader", "version": "1.0.0" }',
  'node_modules/@acme/loader/index.js': "module.exports = 'loaded ' + require('node:path').basename(__dirname);",
};

test('a bundle contains modules, and files, threads and native packages are next to it', async () => {
  const folder = appWith(files);
  cpSync(join(import.meta.dirname, '../../../core/node_modules/rxjs'), join(folder, 'node_modules/rxjs'), {
    recursive: true,
    dereference: true,
  });
  const { code, stdout, stderr } = await asphalt(folder, ['build', 'asphalt.yaml', '--no-warm']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('note  native packages next to the bundle: @acme/addon, @acme/loader');
  const moved = appWith({});
  cpSync(join(folder, 'dist'), join(moved, 'built'), { recursive: true });
  for (const name of ['src', 'public', 'node_modules']) rmSync(join(folder, name), { recursive: true });
  const ended = await asphalt(moved, [], { program: join(moved, 'built/main.js') });
  expect(ended.stdout.split('\n').filter((line) => !line.startsWith('INFO'))).toEqual([
    'Twice Twice false',
    'data',
    'list',
    '40',
    'loaded loader',
    'true',
    'ERR_MODULE_NOT_FOUND',
    'ERR_MODULE_NOT_FOUND',
    '',
  ]);
  expect(readFileSync(join(moved, 'built/third-party-licences.txt'), 'utf8')).toContain('rxjs 7');
});

test('a native package that depends on RxJS would load a second copy, so the build fails', async () => {
  const folder = appWith({
    ...files,
    'node_modules/@acme/addon/package.json':
      '{ "name": "@acme/addon", "version": "1.0.0", "peerDependencies": { "rxjs": "7" } }',
    'src/app.ts':
      "import addon from '@acme/addon'; import { Component } from '@asphalt/core';\nexport class App extends Component { text = addon; }",
  });
  const { code, stderr } = await asphalt(folder, ['build', 'asphalt.yaml', '--no-warm']);
  expect(code).toBe(1);
  expect(stderr).toMatchInlineSnapshot(`
    "Cannot build the application: @acme/addon would load a second copy of rxjs
      note         @acme/addon contains native code, so it cannot be part of the bundle
      help         move the native code into a package that does not depend on rxjs
      code         ERR_BUILD_COPY
    "
  `);
});

test('a missing bundler is an error with the command that installs it', async () => {
  vi.doMock('rolldown', () => {
    throw new Error('Cannot find package');
  });
  const target = join(appWith({}), 'dist');
  const error = await errorOf(() => bundle({ project: target, target, modules: new Map() }), BundlerMissingError);
  expect(error.message).toMatchInlineSnapshot(`
    "Cannot build the application: the bundler is not installed
      help         install it: npm install --save-dev rolldown
      code         ERR_BUILD_BUNDLER"
  `);
  expect(existsSync(target)).toBe(false);
});
