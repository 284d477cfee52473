import { join } from 'node:path';
import { tempFolder } from '@asphalt/test-support';
import { describe, expect, test } from 'vitest';
import { loadFault } from '../../src/graph/load-fault.ts';
import { loadReference, ReferenceFault } from '../../src/graph/load-reference.ts';

async function faultOf(reference: string, folder: string): Promise<Pick<ReferenceFault, 'why' | 'help'>> {
  const found = await loadReference(reference, folder);
  if (!(found instanceof ReferenceFault)) throw new Error(`${reference} was loaded`);
  return { why: found.why.replaceAll(folder, '<folder>'), help: found.help };
}

describe('a file', () => {
  test('a file is found relative to the folder, and its export by name', async () => {
    const folder = tempFolder({ 'a/app.mjs': 'export const App = 1; export default 2;' });
    expect(await loadReference('./app.mjs:App', join(folder, 'a'))).toBe(1);
    expect(await loadReference('../a/app.mjs:App', join(folder, 'a'))).toBe(1);
    expect(await loadReference(`${join(folder, 'a/app.mjs')}:default`, '/')).toBe(2);
  });

  test('the path of a file may contain spaces', async () => {
    const folder = tempFolder({ 'a b/app.mjs': 'export const App = 1;' });
    expect(await loadReference('./a b/app.mjs:App', folder)).toBe(1);
  });

  test('a missing file is reported', async () => {
    expect(await faultOf('./gone.mjs:App', tempFolder({}))).toMatchInlineSnapshot(`
      {
        "help": "correct the path; it is relative to the file that contains it",
        "why": "file <folder>/gone.mjs does not exist",
      }
    `);
  });

  test('a missing export is reported with near misses or all exports', async () => {
    const folder = tempFolder({
      'app.mjs': 'export const Application = 1, Other = 2;',
      'empty.mjs': 'export {};',
    });
    expect(await faultOf('./app.mjs:Aplication', folder)).toMatchInlineSnapshot(`
      {
        "help": "did you mean ./app.mjs:Application?",
        "why": "./app.mjs has no export "Aplication"",
      }
    `);
    expect(await faultOf('./app.mjs:Something', folder)).toMatchInlineSnapshot(`
      {
        "help": "use one of its exports: Application, Other",
        "why": "./app.mjs has no export "Something"",
      }
    `);
    expect(await faultOf('./empty.mjs:App', folder)).toMatchInlineSnapshot(`
      {
        "help": "export \`App\` from it",
        "why": "./empty.mjs has no export "App"",
      }
    `);
    expect((await faultOf('./app.mjs:toString', folder)).why).toBe('./app.mjs has no export "toString"');
  });

  test('a file that fails to load is reported with its error', async () => {
    const folder = tempFolder({
      'throws.mjs': 'throw new TypeError("boom");',
      'imports.mjs': 'import "./gone.mjs";',
      'needs.mjs': 'import "a-package-that-does-not-exist";',
    });
    expect(await faultOf('./throws.mjs:App', folder)).toMatchInlineSnapshot(`
      {
        "help": "fix the module; it exists but failed to load",
        "why": "./throws.mjs failed to load: TypeError: boom",
      }
    `);
    expect((await loadReference('./throws.mjs:App', folder)) as ReferenceFault).toMatchObject({
      cause: { message: 'boom' },
    });
    expect((await faultOf('./imports.mjs:App', folder)).why).toContain('./imports.mjs failed to load');
    expect((await faultOf('./needs.mjs:App', folder)).why).toContain('./needs.mjs failed to load');
  });
});

describe('a package', () => {
  test('a package is searched from the folder upwards', async () => {
    const folder = tempFolder({
      'node_modules/parts/package.json': '{ "name": "parts", "type": "module", "exports": "./index.js" }',
      'node_modules/parts/index.js': 'export const Part = 1;',
      'deep/down/x': '',
    });
    expect(await loadReference('parts:Part', join(folder, 'deep/down'))).toBe(1);
  });

  test('a package may have only `import` conditions and several entries', async () => {
    const folder = tempFolder({
      'node_modules/parts/package.json': JSON.stringify({
        name: 'parts',
        exports: {
          '.': { types: './index.d.ts', import: './index.mjs' },
          './more': { import: { default: './more.mjs' } },
        },
      }),
      'node_modules/parts/index.mjs': 'export const Part = 1;',
      'node_modules/parts/more.mjs': 'export const Part = 2;',
      'node_modules/@scope/parts/package.json': JSON.stringify({ exports: { import: './index.mjs' } }),
      'node_modules/@scope/parts/index.mjs': 'export const Part = 3;',
    });
    expect(await loadReference('parts:Part', folder)).toBe(1);
    expect(await loadReference('parts/more:Part', folder)).toBe(2);
    expect(await loadReference('@scope/parts:Part', folder)).toBe(3);
  });

  test('a package is searched in a second folder if the first has none, and `#` or `:` precedes the export', async () => {
    const folder = tempFolder({
      'node_modules/parts/package.json': '{ "name": "parts", "type": "module", "exports": "./index.js" }',
      'node_modules/parts/index.js': 'export const Part = 1;',
    });
    expect(await loadReference('parts#Part', folder)).toBe(1);
    expect(await loadReference('parts#Part', tempFolder(), folder)).toBe(1);
    expect(await faultOf('parts#Prat', folder)).toMatchObject({ help: 'did you mean parts#Part?' });
  });

  test('a package with `import` and `require` conditions is imported', async () => {
    const folder = tempFolder({
      'node_modules/parts/package.json': JSON.stringify({
        name: 'parts',
        exports: { '.': { require: './index.cjs', import: './index.mjs' } },
      }),
      'node_modules/parts/index.cjs': 'exports.Part = "required";',
      'node_modules/parts/index.mjs': 'export const Part = "imported";',
    });
    expect(await loadReference('parts#Part', folder)).toBe('imported');
  });

  test('a package with missing files is not reported as missing', async () => {
    const folder = tempFolder({
      'node_modules/parts/package.json': '{ "name": "parts", "exports": "./dist/index.js" }',
    });
    expect(await faultOf('parts#Part', folder)).toMatchInlineSnapshot(`
      {
        "help": "build it or reinstall it",
        "why": "the files of package "parts" are missing",
      }
    `);
  });

  test('a package with a missing dependency is not reported as missing', async () => {
    const folder = tempFolder({
      'node_modules/broken/package.json': '{ "name": "broken", "main": "./index.cjs" }',
      'node_modules/broken/index.cjs': 'require("a-package-that-does-not-exist");',
    });
    expect((await faultOf('broken:Part', folder)).why).toContain('broken failed to load');
  });

  test('a package that is not installed is reported', async () => {
    expect(await faultOf('a-package-that-does-not-exist:App', tempFolder({}))).toMatchInlineSnapshot(`
      {
        "help": "install it: npm install a-package-that-does-not-exist",
        "why": "package "a-package-that-does-not-exist" is not installed",
      }
    `);
  });
});

describe('a module that fails to load', () => {
  const decorated = '@component()\nexport class App {}\n';

  test('decorators in TypeScript whose types Node only strips are reported', () => {
    const folder = tempFolder({ 'app.ts': decorated });
    const error = Object.assign(new SyntaxError('Invalid or unexpected token'), {
      stack: `file://${folder}/app.ts:1\n@component()\n^\n\nSyntaxError: Invalid or unexpected token`,
    });
    expect(loadFault('./app.ts', join(folder, 'app.ts'), error)).toMatchObject({
      why: expect.stringContaining('app.ts has decorators, but Node only strips its types') as string,
      help: 'run it with `asphalt run`, or start Node with --import tsx',
    });
  });

  test('a syntax error of a file without decorators stays as it is', () => {
    const folder = tempFolder({ 'app.mjs': '/**\n * @param no decorator\n */\nconst = 1;\n' });
    const { why } = loadFault('./app.mjs', join(folder, 'app.mjs'), new SyntaxError("Unexpected token '='"));
    expect(why).toBe("./app.mjs failed to load: SyntaxError: Unexpected token '='");
  });

  test('a name that is unavailable in a module without a circle is not called circular', () => {
    const folder = tempFolder({ 'app.mjs': "import './other.mjs';\nlate;\nconst late = 1;\n", 'other.mjs': '' });
    const error = new ReferenceError("Cannot access 'late' before initialization");
    error.stack = `${String(error)}\n    at file://${folder}/app.mjs:2:1`;
    expect(loadFault('./app.mjs', undefined, error).why).toContain('failed to load: ReferenceError: Cannot access');
  });

  test('the shortest circle is found through compiled names, and type imports are no part of it', () => {
    const folder = tempFolder({
      'a.ts': "import { B } from './b.js';\nimport type { C } from './c.ts';\nexport class A extends B {}\n",
      'b.ts': "import './d.ts';\nexport class B {}\n",
      'c.ts': "import './a.ts';\n",
      'd.ts': "export {\n  A,\n} from './a.ts';\n",
    });
    const error = new TypeError('Class extends value undefined is not a constructor or null');
    error.stack = `${String(error)}\n    at file://${folder}/a.ts:3:24`;
    const { why, details } = loadFault('./a.ts', undefined, error);
    expect(why).toBe('`B` is used before the module that declares it has run');
    const circle = details!.find(([label]) => label === 'path')![1]!.replaceAll(`${folder}/`, '');
    expect(circle).toBe('a.ts › b.ts › d.ts › a.ts');
  });
});
