import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkNode } from '../../src/doctor/surroundings.ts';
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

describe('doctor', () => {
  test('finds nothing wrong with a project as it should be, and ends with 0', async () => {
    const { code, stdout, stderr } = await asphalt(withVitest(appWith(good)), ['doctor']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replace(/Node \S+/, 'Node x.y.z')).toMatchInlineSnapshot(`
      "ok     Node x.y.z
      ok     package.json makes its files ES modules
      ok     tsconfig.json compiles decorators as components need them
      ok     \`asphalt run\` compiles decorators with parameters
      ok     vitest compiles decorators with parameters
      ok     @asphalt/core 0.1.0 is there once
      ok     inversify 8.2.3 is there once
      ok     reflect-metadata 0.2.2 is there once
      ok     rxjs 7.8.2 is there once

      Nothing is wrong here
      "
    `);
  });

  test('tells all that is wrong, each with the remedy, and ends with 1', async () => {
    const files = { ...good, 'package.json': manifest({ type: 'commonjs' }), 'tsconfig.json': '{}' };
    const { code, stdout } = await asphalt(withVitest(appWith(files)), ['doctor', '.']);
    expect(code).toBe(1);
    expect(stdout.replace(/Node \S+/, 'Node x.y.z')).toMatchInlineSnapshot(`
      "ok     Node x.y.z
      wrong  package.json makes its files CommonJS modules
             applications are ES modules
             help  write "type": "module" into package.json
      wrong  tsconfig.json does not set "experimentalDecorators"
             only these decorators can stand on parameters, as @inject() does
             help  write "extends": "@asphalt/core/tsconfig.json", or set "experimentalDecorators": true
      note   tsconfig.json does not set "strict"
             the compiler cannot tell then whether an optional need is treated as one
             help  set "strict": true
      note   tsconfig.json does not set "emitDecoratorMetadata"
             @checked() reads types from it where it is given no schemas, and inversify's @injectable() where there is no @inject()
      wrong  \`asphalt run\` cannot compile decorators
             help  write "extends": "@asphalt/core/tsconfig.json" into tsconfig.json
      wrong  vitest does not compile decorators on parameters in src, test
             help  have the nearest tsconfig.json include them and say "extends": "@asphalt/core/tsconfig.json"
      ok     @asphalt/core 0.1.0 is there once
      ok     inversify 8.2.3 is there once
      ok     reflect-metadata 0.2.2 is there once
      ok     rxjs 7.8.2 is there once

      4 things are wrong
      "
    `);
  });

  test('tries the test runner: it leaves out decorators in a folder that no tsconfig.json includes', async () => {
    const tsconfig = '{ "extends": "@asphalt/core/tsconfig.json", "include": ["src"] }';
    const folder = withVitest(appWith({ ...good, 'tsconfig.json': tsconfig }));
    const { code, stdout } = await asphalt(folder, ['doctor']);
    expect(code).toBe(1);
    expect(stdout).toContain(`
wrong  vitest does not compile decorators on parameters in test
       help  have the nearest tsconfig.json include them and say "extends": "@asphalt/core/tsconfig.json"
`);
  });

  test('knows that tsx compiles by the tsconfig.json only what it includes', async () => {
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

  test('finds a second copy of the runtime, and who uses it', async () => {
    const folder = appWith({
      ...good,
      'package.json': manifest({ dependencies: { '@asphalt/core': '*', plugin: '*' } }),
      'node_modules/plugin/package.json': '{ "name": "plugin", "dependencies": { "@asphalt/core": "*" } }',
      'node_modules/plugin/node_modules/@asphalt/core/package.json': '{ "name": "@asphalt/core", "version": "0.0.9" }',
    });
    const { code, stdout } = await asphalt(folder, ['doctor']);
    expect(code).toBe(1);
    expect(stdout.replaceAll(repository, '<repository>/')).toMatch(
      /wrong {2}@asphalt\/core is there 2 times\n {7}0\.1\.0 in .*packages\/core, for shop\n {7}0\.0\.9 in node_modules\/plugin\/node_modules\/@asphalt\/core, for plugin\n/,
    );
  });

  test('as JSON gives the findings as data', async () => {
    const { stdout } = await asphalt(appWith({ ...good, 'tsconfig.json': '{}' }), ['doctor', '--format', 'json']);
    expect(JSON.parse(stdout)).toContainEqual({
      verdict: 'wrong',
      summary: 'tsconfig.json does not set "experimentalDecorators"',
      details: ['only these decorators can stand on parameters, as @inject() does'],
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
