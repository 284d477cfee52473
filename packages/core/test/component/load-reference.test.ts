import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadReference, ReferenceFault } from '../../src/component/load-reference.ts';
import { tempFolder } from '../config/temp-folder.ts';

async function faultOf(reference: string, folder: string): Promise<Pick<ReferenceFault, 'why' | 'help'>> {
  const found = await loadReference(reference, folder);
  if (!(found instanceof ReferenceFault)) throw new Error(`${reference} leads somewhere`);
  return { why: found.why.replaceAll(folder, '<folder>'), help: found.help };
}

describe('a file', () => {
  test('is found relative to the folder, and its export by name', async () => {
    const folder = tempFolder({ 'a/app.mjs': 'export const App = 1; export default 2;' });
    expect(await loadReference('./app.mjs:App', join(folder, 'a'))).toBe(1);
    expect(await loadReference('../a/app.mjs:App', join(folder, 'a'))).toBe(1);
    expect(await loadReference(`${join(folder, 'a/app.mjs')}:default`, '/')).toBe(2);
  });

  test('may have blanks in its path', async () => {
    const folder = tempFolder({ 'a b/app.mjs': 'export const App = 1;' });
    expect(await loadReference('./a b/app.mjs:App', folder)).toBe(1);
  });

  test('that is not there', async () => {
    expect(await faultOf('./gone.mjs:App', tempFolder({}))).toMatchInlineSnapshot(`
      {
        "help": "correct the path; it is relative to the file that says it",
        "why": "there is no file <folder>/gone.mjs",
      }
    `);
  });

  test('without the export: tells those that are near, or there', async () => {
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
        "help": "name one of its exports: Application, Other",
        "why": "./app.mjs has no export "Something"",
      }
    `);
    expect(await faultOf('./empty.mjs:App', folder)).toMatchInlineSnapshot(`
      {
        "help": "name one of its exports: (it has none)",
        "why": "./empty.mjs has no export "App"",
      }
    `);
    expect((await faultOf('./app.mjs:toString', folder)).why).toBe('./app.mjs has no export "toString"');
  });

  test('that fails while it loads is told apart, with what it threw', async () => {
    const folder = tempFolder({
      'throws.mjs': 'throw new TypeError("boom");',
      'imports.mjs': 'import "./gone.mjs";',
      'needs.mjs': 'import "a-package-that-nobody-has";',
    });
    expect(await faultOf('./throws.mjs:App', folder)).toMatchInlineSnapshot(`
      {
        "help": "mend the module; it was found, and failed while it was loading",
        "why": "./throws.mjs failed while loading: TypeError: boom",
      }
    `);
    expect((await loadReference('./throws.mjs:App', folder)) as ReferenceFault).toMatchObject({
      cause: { message: 'boom' },
    });
    expect((await faultOf('./imports.mjs:App', folder)).why).toContain('./imports.mjs failed while loading');
    expect((await faultOf('./needs.mjs:App', folder)).why).toContain('./needs.mjs failed while loading');
  });
});

describe('a package', () => {
  test('is looked for from the folder upwards', async () => {
    const folder = tempFolder({
      'node_modules/parts/package.json': '{ "name": "parts", "type": "module", "exports": "./index.js" }',
      'node_modules/parts/index.js': 'export const Part = 1;',
      'deep/down/x': '',
    });
    expect(await loadReference('parts:Part', join(folder, 'deep/down'))).toBe(1);
  });

  test('may be there for `import` alone, and have several entries', async () => {
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

  test('is named with `#` or `:`, and looked for in a second folder where the first has none', async () => {
    const folder = tempFolder({
      'node_modules/parts/package.json': '{ "name": "parts", "type": "module", "exports": "./index.js" }',
      'node_modules/parts/index.js': 'export const Part = 1;',
    });
    expect(await loadReference('parts#Part', folder)).toBe(1);
    expect(await loadReference('parts#Part', tempFolder(), folder)).toBe(1);
    expect(await faultOf('parts#Prat', folder)).toMatchObject({ help: 'did you mean parts#Part?' });
  });

  test('that is there for `import` and `require` is imported, as the application does', async () => {
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

  test('whose files are not there is not called missing', async () => {
    const folder = tempFolder({
      'node_modules/parts/package.json': '{ "name": "parts", "exports": "./dist/index.js" }',
    });
    expect(await faultOf('parts#Part', folder)).toMatchInlineSnapshot(`
      {
        "help": "build it, or install it again",
        "why": "parts is a package without its files",
      }
    `);
  });

  test('that lacks a package itself is not called missing', async () => {
    const folder = tempFolder({
      'node_modules/broken/package.json': '{ "name": "broken", "main": "./index.cjs" }',
      'node_modules/broken/index.cjs': 'require("a-package-that-nobody-has");',
    });
    expect((await faultOf('broken:Part', folder)).why).toContain('broken failed while loading');
  });

  test('that is not installed', async () => {
    expect(await faultOf('a-package-that-nobody-has:App', tempFolder({}))).toMatchInlineSnapshot(`
      {
        "help": "install it: npm install a-package-that-nobody-has",
        "why": "the package "a-package-that-nobody-has" is not installed",
      }
    `);
  });
});
