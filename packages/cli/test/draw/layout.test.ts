import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layOut, type Layout, type Point, type Size } from '../../src/draw/layout.ts';

interface Graph {
  readonly boxes: readonly Size[];
  readonly edges: ReadonlyArray<{ readonly from: number; readonly to: number; readonly label: Size }>;
}

const size = fc.record({ width: fc.integer({ min: 20, max: 300 }), height: fc.integer({ min: 20, max: 120 }) });

/** Graphs with cycles and unconnected parts. */
const graphs: fc.Arbitrary<Graph> = fc.array(size, { minLength: 1, maxLength: 30 }).chain((boxes) => {
  const index = fc.nat({ max: boxes.length - 1 });
  const edge = fc.record({ from: index, to: index, label: size }).filter(({ from, to }) => from !== to);
  const edges = fc.uniqueArray(edge, { maxLength: 40, selector: ({ from, to }) => `${from} ${to}` });
  return fc.record({ boxes: fc.constant(boxes), edges: boxes.length > 1 ? edges : fc.constant([]) });
});

/** Returns the distance of a point from a box; negative inside of it. */
function outside({ x, y }: Point, place: Point, { width, height }: Size): number {
  return Math.max(Math.abs(x - place.x) - width / 2, Math.abs(y - place.y) - height / 2);
}

function expectValidLayout({ boxes, edges }: Graph, { width, height, places, routes }: Layout): void {
  expect(places).toHaveLength(boxes.length);
  expect(routes).toHaveLength(edges.length);
  for (const [index, box] of boxes.entries()) {
    const { x, y } = places[index]!;
    expect(Math.min(x - box.width / 2, y - box.height / 2)).toBeGreaterThan(0);
    expect(x + box.width / 2).toBeLessThan(width);
    expect(y + box.height / 2).toBeLessThan(height);
  }
  for (const [index, { from, to }] of edges.entries()) {
    const { curve, label } = routes[index]!;
    expect(curve.length % 3).toBe(1);
    expect(Math.abs(outside(curve[0]!, places[from]!, boxes[from]!))).toBeLessThan(2);
    expect(Math.abs(outside(curve.at(-1)!, places[to]!, boxes[to]!))).toBeLessThan(2);
    expect(outside(label, { x: width / 2, y: height / 2 }, { width, height })).toBeLessThan(0);
  }
}

test('boxes are in the drawing and do not overlap, and edges connect their borders', async () => {
  await fc.assert(
    fc.asyncProperty(graphs, async (graph) => {
      const layout = await layOut(graph.boxes, graph.edges);
      expectValidLayout(graph, layout);
      for (const [index, box] of graph.boxes.entries()) {
        for (const [other, otherBox] of graph.boxes.entries()) {
          if (other === index) continue;
          const both = { width: box.width + otherBox.width, height: box.height + otherBox.height };
          expect(outside(layout.places[index]!, layout.places[other]!, both)).toBeGreaterThan(0);
        }
      }
    }),
    { numRuns: 30 },
  );
});

test('a dependent component is placed to the left of its provider', async () => {
  const box = { width: 100, height: 40 };
  const label = { width: 50, height: 20 };
  const { places } = await layOut(
    [box, box, box],
    [
      { from: 2, to: 0, label },
      { from: 0, to: 1, label },
    ],
  );
  const [first, second, third] = places.map(({ x }) => x) as [number, number, number];
  expect(third).toBeLessThan(first - 150);
  expect(first).toBeLessThan(second - 150);
});

test('a chain of 5,000 boxes has a layout', async () => {
  const box = { width: 100, height: 40 };
  const boxes = Array.from({ length: 5000 }, () => box);
  const edges = boxes.slice(1).map((_, index) => ({ from: index, to: index + 1, label: box }));
  expectValidLayout({ boxes, edges }, await layOut(boxes, edges));
});
