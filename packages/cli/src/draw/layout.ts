/**
 * Computes the positions of boxes and the routes of edges with Graphviz. Knows only sizes, not components, and does not
 * depend on the output format.
 */
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
  /** A curve of Bézier segments: its start, then two control points and an end for each segment. */
  readonly curve: readonly Point[];
  /** The center of the label, on the curve. */
  readonly label: Point;
}

export interface Layout extends Size {
  /** The center of each box. */
  readonly places: readonly Point[];
  readonly routes: readonly Route[];
}

/** Sizes and positions are in pixels from the upper left corner. Edges lead from left to right where possible. */
export async function layOut(
  boxes: readonly Size[],
  edges: ReadonlyArray<{ readonly from: number; readonly to: number; readonly label: Size }>,
): Promise<Layout> {
  const source = [
    'digraph {',
    `graph [rankdir=LR, nodesep=${inches(nodeGap)}, ranksep=${inches(rankGap)}, pad=0${boxes.length > many ? quick : ''}];`,
    'node [shape=box, fixedsize=true, label=""];',
    'edge [dir=none];',
    ...boxes.map(({ width, height }, index) => `${index} [width=${inches(width)}, height=${inches(height)}];`),
    ...edges.map(({ from, to, label }, index) => `${from} -> ${to} [id=${index}, label=${space(label)}];`),
    '}',
  ].join('\n');
  const graphviz = await Graphviz.load();
  return read(JSON.parse(graphviz.layout(source, 'json', 'dot', { yInvert: true })) as GraphvizOutput, boxes.length);
}

/** The gap between boxes in a column, and the gap between columns. */
const nodeGap = 26;
const rankGap = 45;
const margin = 20;

/** For this many boxes and more, Graphviz searches for a good layout in seconds instead of the best one. */
const many = 200;
const quick = ', nslimit=0.3, nslimit1=0.3, mclimit=0.1';

/** Converts pixels to inches, the input unit of Graphviz. Its output is in points, which count as pixels here. */
function inches(pixels: number): string {
  return (pixels / 72).toFixed(3);
}

/** Returns an empty label that reserves space. Its text is drawn later. */
function space({ width, height }: Size): string {
  const size = `WIDTH="${Math.ceil(width)}" HEIGHT="${Math.ceil(height)}"`;
  return `<<TABLE BORDER="0" FIXEDSIZE="TRUE" ${size}><TR><TD></TD></TR></TABLE>>`;
}

/**
 * The output of Graphviz. Uses `_draw_` because the position attributes have only five digits, too few for large graphs.
 */
interface GraphvizOutput {
  /** The bounding box: left, upper, right and lower edge, separated by commas. */
  readonly bb: string;
  readonly objects?: ReadonlyArray<{ readonly name: string; readonly _draw_: readonly Drawing[] }>;
  readonly edges?: ReadonlyArray<{ readonly id: string; readonly _draw_: readonly Drawing[]; readonly lp: string }>;
}

/** A step of a drawing. Steps that draw a box or a curve have points. */
interface Drawing {
  readonly points?: readonly Pair[];
}

type Pair = readonly [x: number, y: number];

function read({ bb, objects = [], edges = [] }: GraphvizOutput, count: number): Layout {
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
    // Graphviz sometimes places a label so far from its curve that it seems to belong to another one.
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

/** Returns the point of a Bézier segment at a parameter from 0 to 1, by de Casteljau's algorithm. */
function pointOn(points: readonly Point[], share: number): Point {
  const [first, ...rest] = points;
  if (rest.length === 0) return first!;
  const between = rest.map(({ x, y }, index) => {
    const from = points[index]!;
    return { x: from.x + (x - from.x) * share, y: from.y + (y - from.y) * share };
  });
  return pointOn(between, share);
}
