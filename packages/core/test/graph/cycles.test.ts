import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findCycles, stronglyConnectedComponents } from '../../src/graph/cycles.ts';

/** Graphs of up to 12 nodes, with edges to any node including itself. */
const graphs = fc
  .integer({ min: 0, max: 12 })
  .chain((size) =>
    fc.array(fc.array(fc.nat({ max: Math.max(0, size - 1) }), { maxLength: 3 }), { minLength: size, maxLength: size }),
  );

/** Returns which node can reach which other node (Warshall). */
function reachable(needs: ReadonlyArray<readonly number[]>): boolean[][] {
  const reach = needs.map((own) => needs.map((_, to) => own.includes(to)));
  for (const via of needs.keys())
    for (const from of needs.keys())
      for (const to of needs.keys()) reach[from]![to] ||= reach[from]![via]! && reach[via]![to]!;
  return reach;
}

/** Returns the length of the shortest cycle through a node. */
function girthAt(needs: ReadonlyArray<readonly number[]>, start: number): number {
  let ends = new Set([start]);
  for (let length = 1; length <= needs.length; length++) {
    ends = new Set([...ends].flatMap((node) => needs[node]!));
    if (ends.has(start)) return length;
  }
  return Infinity;
}

describe('strongly connected components', () => {
  test('a strongly connected component is a set of nodes that reach each other', () => {
    fc.assert(
      fc.property(graphs, (needs) => {
        const reach = reachable(needs);
        const naive = new Map<string, number[]>();
        for (const node of needs.keys()) {
          if (!reach[node]![node]) continue;
          const members = [...needs.keys()].filter((other) => reach[node]![other]! && reach[other]![node]!);
          naive.set(members.join(), members);
        }
        expect(stronglyConnectedComponents(needs)).toEqual([...naive.values()]);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('cycles', () => {
  test('each strongly connected component has one shortest cycle, which starts at its smallest node', () => {
    fc.assert(
      fc.property(graphs, (needs) => {
        const cycles = findCycles(needs);
        expect(cycles.map(([first]) => first)).toEqual(stronglyConnectedComponents(needs).map(([first]) => first));
        for (const cycle of cycles) {
          expect(new Set(cycle).size).toBe(cycle.length);
          expect(cycle).toHaveLength(girthAt(needs, cycle[0]!));
          cycle.forEach((node, index) => expect(needs[node]).toContain(cycle[(index + 1) % cycle.length]));
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('an edge from a node to itself is a cycle', () => {
    expect(findCycles([])).toEqual([]);
    expect(findCycles([[]])).toEqual([]);
    expect(findCycles([[0]])).toEqual([[0]]);
    expect(findCycles([[1], []])).toEqual([]);
  });

  test('cycles are found in a graph of any depth', () => {
    const depth = 200_000;
    const chain = Array.from({ length: depth }, (_, index) => (index + 1 < depth ? [index + 1] : []));
    expect(findCycles(chain)).toEqual([]);
    const cycle = chain.map((own, index) => (index + 1 < depth ? own : [0]));
    expect(findCycles(cycle)[0]).toHaveLength(depth);
  });
});
