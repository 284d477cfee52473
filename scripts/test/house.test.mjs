import { describe, expect, test } from 'vitest';

import { compressedSize, filesLoadedWith } from '../house/bundle-size.mjs';
import { importCycles, mutualFolders } from '../house/cycles.mjs';
import { oldNames, oldNamesIn } from '../house/names.mjs';
import { describeSource } from '../house/sources.mjs';

function graph(edges) {
  return new Map(Object.entries(edges).map(([path, imports]) => [path, { imports }]));
}

describe('import cycles', () => {
  test('a chain and a diamond are not cycles', () => {
    expect(importCycles(graph({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }))).toEqual([]);
  });

  test('each cycle is reported once with all of its files', () => {
    const edges = { a: ['b'], b: ['c'], c: ['a'], d: ['a', 'e'], e: ['d'], f: ['f'] };
    expect(importCycles(graph(edges))).toEqual([['a', 'b', 'c'], ['d', 'e'], ['f']]);
  });

  test('an import of a file outside the graph is ignored', () => {
    expect(importCycles(graph({ a: ['elsewhere'] }))).toEqual([]);
  });
});

describe('folders that import each other', () => {
  test('a pair is reported once, and one direction is not a pair', () => {
    const edges = { 'x/a': ['y/b'], 'y/b': [], 'y/c': ['x/a'], 'x/d': ['z/e', 'x/a'], 'z/e': ['z/f'], 'z/f': [] };
    expect(mutualFolders(graph(edges))).toEqual(['x ⇄ y']);
  });
});

describe('a source', () => {
  const content = [
    "import type { A } from './a.ts';",
    "import 'rxjs';",
    "export { b, type B as C } from '../b/b.ts';",
    'export interface StartHost {}',
    'interface Hosted {}',
    'export let counter = 0;',
    'let open: number, closed: number;',
    'export const d = 1;',
    'function f() { let local = 0; return local; }',
  ].join('\n');
  const source = describeSource('packages/x/src/c/c.ts', `${content}\n`);

  test('type imports and re-exports count, imports of packages do not', () => {
    expect(source.imports).toEqual(['packages/x/src/c/a.ts', 'packages/x/src/b/b.ts']);
  });

  test('exported names count under their public name', () => {
    expect(source.exportedNames.sort()).toEqual(['C', 'StartHost', 'b', 'counter', 'd']);
  });

  test('host interfaces and module-level variables are found, local variables are not', () => {
    expect(source.hostInterfaces).toEqual(['StartHost']);
    expect(source.mutableVariables).toEqual(['counter', 'open', 'closed']);
    expect(source.lines).toBe(9);
  });

  test('a syntax error names the file', () => {
    expect(() => describeSource('broken.ts', 'const = ;')).toThrow('broken.ts');
  });
});

describe('old names', () => {
  const namesIn = (content, path = 'packages/x/src/a.ts') => oldNamesIn(describeSource(path, `${content}\n`));

  test.each([
    ['a function', 'function takeBack() {}'],
    ['a class', 'class Maker {}'],
    ['a type', 'export type Said = string;'],
    ['an interface', 'interface Spot {}'],
    ['an exported variable', 'export const knots = [];'],
    ['a variable of a function', 'function f() { for (const heldUpBy of []) heldUpBy(); }'],
    ['a destructured variable', 'const { a: [looksUp] = [] } = b;'],
    ['a parameter', 'const f = ({ a }, ...rings) => a;'],
    ['a parameter property', 'class A { constructor(readonly lastWords: string) {} }'],
    ['a caught error', 'try { f(); } catch (Said) {}'],
    ['a type parameter', 'type A<Sort> = Sort;'],
    ['a private member', 'class A { #waitingAt = 1; }'],
    ['a method', 'abstract class A { abstract takeBack(): void; }'],
    ['a member of an interface', 'interface A { heldUpBy: string; lastWords(): void }'],
    ['an import under an old name', "import { a as knots } from 'b';"],
    ['a word in a name', 'const drawnArrows = 1;'],
  ])('%s is found', (_, content) => {
    expect(namesIn(content)).not.toEqual([]);
  });

  test('the text names the file, the old name and the new one', () => {
    expect(namesIn('class Maker {}\nconst a = new Maker();')).toEqual([
      'packages/x/src/a.ts: Maker (use InjectableComponent)',
    ]);
  });

  test('words in text, strings, properties of other objects and imports of other packages do not count', () => {
    const content = [
      '/** A picture of the arrows, made by the Maker. */',
      "import { Part } from 'library';",
      "const text = 'takeBack';",
      'const b = { knots: text.Said, [`rings`]: Part };',
      'const narrow = b?.picture;',
    ];
    expect(namesIn(content.join('\n'))).toEqual([]);
  });

  test('the name of a file counts, and a rule for files ignores identifiers', () => {
    expect(namesIn('const told = 1;', 'packages/x/test/told.ts')).toEqual([
      'packages/x/test/told.ts: told (use problems-of)',
    ]);
    expect(namesIn('const told = 1;', 'packages/x/test/other.test.ts')).toEqual([]);
    expect(namesIn('', 'packages/x/test/outline.test.ts')).toHaveLength(1);
  });

  test('a rule for a folder or for members leaves other code alone', () => {
    expect(namesIn('const answer = 1;')).toEqual([]);
    expect(namesIn('const answer = 1;', 'packages/web/src/a.ts')).toHaveLength(1);
    const application = 'packages/core/src/application/a.ts';
    expect(namesIn('const found = 1;', application)).toEqual([]);
    expect(namesIn('interface A { found(): void }', application)).toHaveLength(1);
  });

  test('every rule has one kind of name and a replacement that is no old name', () => {
    for (const { name, word, file, use } of oldNames) {
      expect([name, word, file].filter((kind) => kind !== undefined)).toHaveLength(1);
      expect(oldNamesIn({ path: 'a.ts', declaredNames: [{ name: use }] })).toEqual([]);
    }
  });
});

test('the size of a bundle includes what an import loads, and not what is loaded on demand', () => {
  const files = filesLoadedWith('packages/core/dist/index.js');
  expect(files).toEqual(['packages/core/dist/index.js', 'packages/core/dist/chunks/index.js']);
  expect(compressedSize(files)).toBeGreaterThan(20);
  expect(filesLoadedWith('packages/core/dist/none.js')).toEqual([]);
});
