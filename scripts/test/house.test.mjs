import { describe, expect, test } from 'vitest';

import { importCycles, mutualFolders } from '../house/cycles.mjs';
import { measureHouse } from '../house.mjs';

function graph(edges) {
  return new Map(Object.entries(edges).map(([path, imports]) => [path, { imports }]));
}

describe('import cycles', () => {
  test('a chain and a diamond are no cycles', () => {
    expect(importCycles(graph({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }))).toEqual([]);
  });

  test('each cycle is reported once, with all of its files', () => {
    const edges = { a: ['b'], b: ['c'], c: ['a'], d: ['a', 'e'], e: ['d'], f: ['f'] };
    expect(importCycles(graph(edges))).toEqual([['a', 'b', 'c'], ['d', 'e'], ['f']]);
  });

  test('an import of a file outside of the graph leads nowhere', () => {
    expect(importCycles(graph({ a: ['elsewhere'] }))).toEqual([]);
  });
});

describe('folders that import each other', () => {
  test('a pair is reported once, and one direction is no pair', () => {
    const edges = { 'x/a': ['y/b'], 'y/b': [], 'y/c': ['x/a'], 'x/d': ['z/e', 'x/a'], 'z/e': ['z/f'], 'z/f': [] };
    expect(mutualFolders(graph(edges))).toEqual(['x ⇄ y']);
  });
});

test('every measure counts what it lists', () => {
  const rows = measureHouse();
  expect(rows.length).toBeGreaterThan(15);
  for (const { name, value, places } of rows.filter((row) => !row.name.startsWith('lines')))
    expect(places, name).toHaveLength(value);
});
