/** Has Graphviz find places for the boxes of a picture, and ways for the arrows between them. */
import { Graphviz } from '@hpcc-js/wasm-graphviz';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Route {
  /** A curve of Bézier segments: where it begins, then two control points and an end for each segment. */
  readonly curve: readonly Point[];
  /** The middle of the label, on the curve. */
  readonly label: Point;
}

export interface Layout extends Size {
  /** The middle of each box. */
  readonly places: readonly Point[];
  readonly routes: readonly Route[];
}

/** Sizes and places are in pixels, from the upper left corner. Arrows lead from left to right where they can. */
export async function layOut(
  boxes: readonly Size[],
  arrows: ReadonlyArray<{ readonly from: number; readonly to: number; readonly label: Size }>,
): Promise<Layout> {
  const source = [
    'digraph {',
    `graph [rankdir=LR, nodesep=${inches(nodeGap)}, ranksep=${inches(rankGap)}, pad=0${boxes.length > many ? quick : ''}];`,
    'node [shape=box, fixedsize=true, label=""];',
    'edge [dir=none];',
    ...boxes.map(({ width, height }, index) => `${index} [width=${inches(width)}, height=${inches(height)}];`),
    ...arrows.map(({ from, to, label }, index) => `${from} -> ${to} [id=${index}, label=${space(label)}];`),
    '}',
  ].join('\n');
  const graphviz = await Graphviz.load();
  return read(JSON.parse(graphviz.layout(source, 'json', 'dot', { yInvert: true })) as Answer, boxes.length);
}

/** Between boxes of one column, and between columns. */
const nodeGap = 26;
const rankGap = 45;
const margin = 20;

/** From this many boxes on, Graphviz is not to look for the best picture, but for a good one in seconds. */
const many = 200;
const quick = ', nslimit=0.3, nslimit1=0.3, mclimit=0.1';

/** Graphviz takes sizes in inches, and gives places in points, which stand for pixels here. */
function inches(pixels: number): string {
  return (pixels / 72).toFixed(3);
}

/** A label that takes its room, and whose text is written later. */
function space({ width, height }: Size): string {
  const size = `WIDTH="${Math.ceil(width)}" HEIGHT="${Math.ceil(height)}"`;
  return `<<TABLE BORDER="0" FIXEDSIZE="TRUE" ${size}><TR><TD></TD></TR></TABLE>>`;
}

/** What Graphviz answers. Places as texts have five digits, which is not enough for large pictures; drawings have more. */
interface Answer {
  /** The frame: left, upper, right and lower edge, with commas between. */
  readonly bb: string;
  readonly objects?: ReadonlyArray<{ readonly name: string; readonly _draw_: readonly Drawing[] }>;
  readonly edges?: ReadonlyArray<{ readonly id: string; readonly _draw_: readonly Drawing[]; readonly lp: string }>;
}

/** A step of a drawing; those that draw a box or a curve have points. */
interface Drawing {
  readonly points?: readonly Pair[];
}

type Pair = readonly [x: number, y: number];

function read({ bb, objects = [], edges = [] }: Answer, count: number): Layout {
  const [left, top, right, bottom] = bb.split(',').map(Number) as [number, number, number, number];
  const point = ([x, y]: Pair): Point => ({ x: x - left + margin, y: y - Math.min(top, bottom) + margin });
  const drawn = (drawings: readonly Drawing[]): Point[] => drawings.flatMap(({ points = [] }) => points.map(point));
  const places = Array.from({ length: count }, (): Point => ({ x: 0, y: 0 }));
  for (const { name, _draw_ } of objects) {
    const [corner, , opposite] = drawn(_draw_) as [Point, Point, Point];
    places[Number(name)] = { x: (corner.x + opposite.x) / 2, y: (corner.y + opposite.y) / 2 };
  }
  const routes: Route[] = [];
  for (const { id, _draw_, lp } of edges) {
    const curve = drawn(_draw_);
    // Graphviz puts the label beside the curve, sometimes so far off that it could belong to another one.
    routes[Number(id)] = { curve, label: nearestOn(curve, point(lp.split(',').map(Number) as unknown as Pair)) };
  }
  return { width: right - left + 2 * margin, height: Math.abs(bottom - top) + 2 * margin, places, routes };
}

function nearestOn(curve: Route['curve'], { x, y }: Point): Point {
  const distance = (point: Point): number => Math.hypot(point.x - x, point.y - y);
  let nearest = curve[0]!;
  for (let start = 0; start + 3 < curve.length; start += 3) {
    const segment = curve.slice(start, start + 4);
    for (let step = 1; step <= 16; step++) {
      const point = pointOn(segment, step / 16);
      if (distance(point) < distance(nearest)) nearest = point;
    }
  }
  return nearest;
}

/** The point of a Bézier segment at a share of its way: between neighbours, and between those points again. */
function pointOn(points: readonly Point[], share: number): Point {
  const [first, ...rest] = points;
  if (rest.length === 0) return first!;
  const between = rest.map(({ x, y }, index) => {
    const from = points[index]!;
    return { x: from.x + (x - from.x) * share, y: from.y + (y - from.y) * share };
  });
  return pointOn(between, share);
}
