import { describe, expect, test } from 'vitest';

import { importCycles, mutualFolders } from '../house/cycles.mjs';
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
