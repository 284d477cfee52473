import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkNode } from '../../src/doctor/environment.ts';
import { appWith, asphalt, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const manifest = (more: object): string =>
  JSON.stringify({ name: 'shop', type: 'module', dependencies: { '@asphalt/core': '*' }, ...more });

const good = {
  'package.json': manifest({}),
  'src/app.ts': 'export const nothing = 1;\n',
  'test/app.test.ts': 'export const nothing = 1;\n',
};

function withVitest(folder: string): string {
  symlinkSync(join(repository, 'node_modules/vitest'), join(folder, 'node_modules/vitest'));
  return folder;
}

/** Replaces the versions that change without a change of the command. */
function withoutVersions(text: string): string {
  return text.replaceAll(/(Node|@asphalt\/core) \d\S+/g, '$1 x.y.z');
}

describe('doctor', () => {
  test('reports no problem of a correct project and ends with 0', async () => {
    const { code, stdout, stderr } = await asphalt(withVitest(appWith(good)), ['doctor']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(withoutVersions(stdout)).toMatchInlineSnapshot(`
      "ok     Node x.y.z
      ok     package.json declares ES modules
      ok     tsconfig.json has the settings that components require
      ok     \`asphalt run\` compiles decorators with parameters
      ok     vitest compiles decorators with parameters
      ok     @asphalt/core x.y.z is installed once
      ok     inversify 8.2.3 is installed once
      ok     reflect-metadata 0.2.2 is installed once
      ok     rxjs 7.8.2 is installed once

      No problems found
      "
    `);
  });

  test('reports every problem with a fix and ends with 1', async () => {
    const files = { ...good, 'package.json': manifest({ type: 'commonjs' }), 'tsconfig.json': '{}' };
    const { code, stdout } = await asphalt(withVitest(appWith(files)), ['doctor', '.']);
    expect(code).toBe(1);
    expect(withoutVersions(stdout)).toMatchInlineSnapshot(`
      "ok     Node x.y.z
      wrong  package.json declares CommonJS modules
             applications must be ES modules
             help  write "type": "module" into package.json
      wrong  tsconfig.json does not set "experimentalDecorators"
             only legacy decorators support parameters, which @inject() requires
             help  write "extends": "@asphalt/core/tsconfig.json", or set "experimentalDecorators": true
      note   tsconfig.json does not set "strict"
             the compiler then does not check that code handles absent optional needs
             help  set "strict": true
      note   tsconfig.json does not set "emitDecoratorMetadata"
             @checked() reads types from this metadata if it has no schemas, and inversify's @injectable() if there is no @inject()
      wrong  \`asphalt run\` cannot compile decorators
             help  write "extends": "@asphalt/core/tsconfig.json" into tsconfig.json
      wrong  vitest does not support decorators on parameters in src, test
             help  include the files in the nearest tsconfig.json, with "extends": "@asphalt/core/tsconfig.json"
      ok     @asphalt/core x.y.z is installed once
      ok     inversify 8.2.3 is installed once
      ok     reflect-metadata 0.2.2 is installed once
      ok     rxjs 7.8.2 is installed once

      4 problems found
      "
    `);
  });

  test('finds that vitest fails on decorators in a folder that no tsconfig.json includes', async () => {
    const tsconfig = '{ "extends": "@asphalt/core/tsconfig.json", "include": ["src"] }';
    const folder = withVitest(appWith({ ...good, 'tsconfig.json': tsconfig }));
    const { code, stdout } = await asphalt(folder, ['doctor']);
    expect(code).toBe(1);
    expect(stdout).toContain(`
wrong  vitest does not support decorators on parameters in test
       help  include the files in the nearest tsconfig.json, with "extends": "@asphalt/core/tsconfig.json"
`);
  });

  test('notes files that tsx compiles without the tsconfig.json because it does not include them', async () => {
    const files = {
      ...good,
      'package.json': manifest({ scripts: { start: 'tsx test/app.test.ts' } }),
      'tsconfig.json': '{ "extends": "@asphalt/core/tsconfig.json", "include": ["src"] }',
    };
    const { code, stdout } = await asphalt(appWith(files), ['doctor']);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(
        'note   tsx, which the script "start" calls, compiles test/app.test.ts without the tsconfig.json\n',
      ),
    });
  });

  test('reports a missing folder for temporary files and a tsconfig.json that extends a missing package', async () => {
    const folder = appWith({ ...good, 'tsconfig.json': '{ "extends": "@acme/settings/tsconfig.json" }' });
    const { code, stdout } = await asphalt(folder, ['doctor'], { env: { TMPDIR: '/none/at/all' } });
    expect(code).toBe(1);
    expect(stdout.split('\n').slice(2, 12).join('\n')).toMatchInlineSnapshot(`
      "wrong  Cannot read tsconfig.json
             File '@acme/settings/tsconfig.json' not found.
             help  fix the file
      wrong  Cannot create a temporary folder in /none/at/all
             help  create the folder, or set the environment variable TMPDIR (on Windows: TEMP) to one that you may write to
      ok     @asphalt/core 0.1.0 is installed once
      ok     inversify 8.2.3 is installed once
      ok     reflect-metadata 0.2.2 is installed once
      ok     rxjs 7.8.2 is installed once
      "
    `);
    expect((await asphalt(folder, ['doctor'])).stdout.split('\n').slice(2, 12).join('\n')).toMatchInlineSnapshot(`
      "wrong  Cannot read tsconfig.json
             File '@acme/settings/tsconfig.json' not found.
             help  fix the file
      wrong  Cannot read the compiler settings in tsconfig.json
             help  correct \`extends\` in it or in the files that it extends, and install the packages that they name
      ok     @asphalt/core 0.1.0 is installed once
      ok     inversify 8.2.3 is installed once
      ok     reflect-metadata 0.2.2 is installed once
      ok     rxjs 7.8.2 is installed once
      "
    `);
  });

  test('finds a second copy of the runtime and the package that uses it', async () => {
    const folder = appWith({
      ...good,
      'package.json': manifest({ dependencies: { '@asphalt/core': '*', plugin: '*' } }),
      'node_modules/plugin/package.json': '{ "name": "plugin", "dependencies": { "@asphalt/core": "*" } }',
      'node_modules/plugin/node_modules/@asphalt/core/package.json': '{ "name": "@asphalt/core", "version": "0.0.9" }',
    });
    const { code, stdout } = await asphalt(folder, ['doctor']);
    expect(code).toBe(1);
    expect(stdout.replaceAll(repository, '<repository>/')).toMatch(
      /wrong {2}@asphalt\/core is installed 2 times\n {7}0\.1\.0 in .*packages\/core, used by shop\n {7}0\.0\.9 in node_modules\/plugin\/node_modules\/@asphalt\/core, used by plugin\n/,
    );
  });

  test('--format json prints the findings as data', async () => {
    const { stdout } = await asphalt(appWith({ ...good, 'tsconfig.json': '{}' }), ['doctor', '--format', 'json']);
    expect(JSON.parse(stdout)).toContainEqual({
      verdict: 'wrong',
      summary: 'tsconfig.json does not set "experimentalDecorators"',
      details: ['only legacy decorators support parameters, which @inject() requires'],
      help: 'write "extends": "@asphalt/core/tsconfig.json", or set "experimentalDecorators": true',
    });
  });
});

test.each(['18.20.0', '20.18.3'])('Node %s is too old', (version) => {
  expect(checkNode(version)).toMatchObject({ verdict: 'wrong', help: 'install Node 20.19 or newer' });
});

test.each(['20.19.0', '22.0.0', '24.1.0'])('Node %s is new enough', (version) => {
  expect(checkNode(version)).toEqual({ verdict: 'ok', summary: `Node ${version}` });
});
